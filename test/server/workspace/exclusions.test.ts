import assert from 'node:assert/strict';
import fs, { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CapturePolicy } from '../../../server/capture/policy';
import { defaultSettings, type Settings } from '../../../server/protocol/settings';
import { workspaceRows } from '../../../server/training/round/workspace-rows';
import { Exclusions } from '../../../server/workspace/exclusions';
import { isSensitive } from '../../../server/workspace/sensitive-files';
import { scratch } from '../store/records';
import { sensitiveFiles } from './secret-cases';

const HOLD_SECRETS = `
.env .env.local a/b/.env.production prod.env .envrc .dev.vars secrets.yaml k8s/secrets.yml secrets/api.txt .ssh/config id_rsa id_work
home/.aws/credentials .npmrc certs/a.pem x.ppk wp-config.php .htpasswd infra/terraform.tfvars infra/prod.auto.tfvars terraform.tfstate
terraform.tfstate.backup vpn.ovpn .docker/config.json service-account-prod.json shop-firebase-adminsdk-abc.json .bash_history
.zsh_history .psql_history .password-store/a.gpg login.keychain-db pass.kdbx .git-credentials .netrc _netrc .pypirc
.config/gcloud/credentials.db .config/gh/hosts.yml kubeconfig dev.kubeconfig .cargo/credentials.toml auth.json NuGet.Config
.streamlit/secrets.toml config/database.yml config/master.key config/credentials.yml.enc appsettings.Production.json
application-dev.properties android/key.properties release.jks a.p12 client_secret_123.json passwords.txt .pgpass .my.cnf
.vault_pass.txt group_vars/all/vault.yml .terraformrc .kube/config .m2/settings.xml .git/config prod.secret.exs ID_RSA Secrets.YAML
`;
const HOLD_NONE = `
src/a.ts environment.ts keys.ts distance/a.ts src/secrets/manager.ts src/secrets.ts secrets.py src/credentials.go id_utils.py
src/id_map.ts token.ts src/tokens.ts tokens.json password.ts src/auth.ts env.ts src/env.py config.ts settings.py application.yml
docker-compose.yml README.md tests/test_secrets.py lib/credentials/provider.rb package.json tsconfig.json src/key.ts history.ts
Makefile k8s/deployment.yaml src/identity/index.ts values.yaml go.mod src/password_reset.rb src/env/index.js .gitignore
src/passwords/index.ts docs/secrets.md app/models/api_token.rb .github/workflows/ci.yml migrations/0001_tokens.sql src/vault.ts
`;
const words = (text: string) => text.trim().split(/\s+/);

describe('sensitive files', () => {
  it('are known by their names and folders', () => {
    const all = [...words(HOLD_SECRETS), ...sensitiveFiles()];
    assert.deepEqual(
      all.filter((path) => !isSensitive(path)),
      [],
    );
  });

  it('are not programs about secrets', () => {
    assert.deepEqual(words(HOLD_NONE).filter(isSensitive), []);
  });
});

describe('exclusions while somebody types', () => {
  let place: ReturnType<typeof scratch>;
  let now: number;
  beforeEach(() => {
    place = scratch(true);
    now = 0;
  });
  afterEach(() => place.remove());
  const uri = (path: string) => pathToFileURL(join(place.folder, path)).href;

  /** Calls of the file system that hold up the event loop. */
  async function synchronousCalls(work: () => Promise<void> | void): Promise<number> {
    const names = ['statSync', 'readFileSync', 'existsSync', 'lstatSync', 'readdirSync'] as const;
    let calls = 0;
    const real = names.map((name) => fs[name]);
    names.forEach((name, i) => {
      (fs as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => {
        calls++;
        return (real[i] as (...args: unknown[]) => unknown)(...args);
      };
    });
    try {
      await work();
    } finally {
      names.forEach((name, i) => {
        (fs as unknown as Record<string, unknown>)[name] = real[i];
      });
    }
    return calls;
  }

  it('never wait for the disk, and follow it all the same', async () => {
    mkdirSync(join(place.folder, '.git'));
    writeFileSync(join(place.folder, '.gitignore'), 'dist/\n');
    const rules = new Exclusions([place.folder], [], () => now);
    assert.equal(await rules.soon(uri('src/a.ts')), null);
    assert.match((await rules.soon(uri('dist/a.ts')))!, /git ignores/);
    const calls = await synchronousCalls(async () => {
      for (let key = 0; key < 1_000; key++) {
        now += 100;
        assert.equal(rules.latest(uri('src/a.ts')), null);
        if (key % 50 === 0) await rules.soon(uri(`src/new${key}.ts`));
      }
    });
    assert.equal(calls, 0);
    // A check that is under way may have read the file as it was.
    await rules.check(uri('src/a.ts'));
    writeFileSync(join(place.folder, '.gitignore'), 'src/\n');
    now += 10_000;
    rules.latest(uri('src/a.ts'));
    await rules.check(uri('src/a.ts'));
    assert.match(rules.latest(uri('src/a.ts'))!, /git ignores/);
  });

  it('agree with a look at the disk, in a repository and a worktree, and outside of one', async () => {
    mkdirSync(join(place.folder, 'main', '.git', 'info'), { recursive: true });
    mkdirSync(join(place.folder, 'main', '.git', 'worktrees', 'tree'), { recursive: true });
    mkdirSync(join(place.folder, 'tree', 'src'), { recursive: true });
    writeFileSync(join(place.folder, 'main', '.git', 'worktrees', 'tree', 'commondir'), '../..\n');
    writeFileSync(
      join(place.folder, 'tree', '.git'),
      `gitdir: ${join(place.folder, 'main/.git/worktrees/tree')}\n`,
    );
    writeFileSync(join(place.folder, 'main', '.git', 'info', 'exclude'), 'scratch.ts\n');
    writeFileSync(join(place.folder, 'tree', '.gitignore'), 'gen/\n!gen/keep.ts\n*.log\n');
    writeFileSync(join(place.folder, 'tree', 'src', '.gitignore'), '!keep.log\n');
    const folders = [join(place.folder, 'tree')];
    const paths = [
      'tree/scratch.ts',
      'tree/gen/keep.ts',
      'tree/src/keep.log',
      'tree/a.log',
      'tree/src/a.ts',
      'else/a.ts',
    ];
    for (const path of paths) {
      const one = new Exclusions(folders, [], () => now);
      const other = new Exclusions(folders, [], () => now);
      assert.equal(await one.check(uri(path)), other.reason(uri(path)), path);
    }
    const rules = new Exclusions(folders, [], () => now);
    const excluded = await Promise.all(paths.map((path) => rules.check(uri(path))));
    assert.deepEqual(
      excluded.map((reason) => reason !== null),
      [true, true, false, true, false, false],
    );
  });

  it('let others have their turn while a whole workspace is looked at', async function () {
    this.timeout(60_000);
    mkdirSync(join(place.folder, '.git'));
    writeFileSync(join(place.folder, '.gitignore'), `dist/\n${'*.x\n'.repeat(50)}`);
    for (let folder = 0; folder < 10; folder++) {
      mkdirSync(join(place.folder, `d${folder}`));
      for (let file = 0; file < 120; file++)
        writeFileSync(join(place.folder, `d${folder}`, `f${file}.ts`), 'x');
    }
    const rules = new Exclusions([place.folder], ['**/vendor/**']);
    let asked = 0;
    let together = 0;
    let most = 0;
    let isOver = false;
    const tick = () => {
      together = 0;
      if (!isOver) setImmediate(tick);
    };
    tick();
    const calls = await synchronousCalls(async () => {
      await workspaceRows([place.folder], async (file) => {
        asked++;
        most = Math.max(most, ++together);
        return (await rules.check(file)) !== null;
      });
    });
    isOver = true;
    assert.ok(asked > 1_200, `${asked}`);
    assert.equal(calls, 0);
    // A folder is read in portions; between two of them everybody else has a turn.
    assert.ok(most <= 80, `${most} files in one go`);
  });
});

describe('what may be captured', () => {
  const folder = '/w/project';
  const policy = (learning: Partial<Settings['learning']>, trusted: boolean) =>
    new CapturePolicy(
      {
        ...defaultSettings,
        exclude: ['legacy/'],
        learning: { ...defaultSettings.learning, ...learning },
      },
      trusted,
      [folder],
      Date.now,
    );

  it('is nothing outside the workspace, unless a setting says so', async () => {
    const outside = 'file:///w/other/a.ts';
    assert.match(policy({}, true).excludedBecause(outside)!, /outside the workspace/);
    assert.equal(await policy({}, true).checkExcluded(outside), true);
    assert.equal(policy({ outsideWorkspace: true }, true).excludedBecause(outside), null);
    assert.equal(policy({}, true).excludedBecause('file:///w/project/a.ts'), null);
    // A name that begins alike is no folder of the workspace.
    assert.match(policy({}, true).excludedBecause('file:///w/project-2/a.ts')!, /outside/);
    // Completions are offered there all the same.
    assert.equal(await policy({}, true).mayNotComplete(outside), false);
  });

  it('is completed in Restricted Mode only where it would be elsewhere', async () => {
    for (const trusted of [true, false]) {
      const rules = policy({}, trusted);
      for (const path of ['.env', 'a/.env.local', 'legacy/a.ts', 'certs/a.pem', 'config/secrets/db.txt']) {
        assert.equal(await rules.mayNotComplete(`file://${folder}/${path}`), true, path);
      }
      assert.equal(await rules.mayNotComplete(`file://${folder}/src/a.ts`), false);
    }
    assert.match(policy({}, false).excludedBecause(`file://${folder}/src/a.ts`)!, /not trusted/);
  });
});
