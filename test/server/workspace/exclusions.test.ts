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
.env.vault .env.keys env.production .env~ .env.bak .env.swp .env.example.local config/secrets.yml.enc config/credentials/production.key
.envrc.local .secrets/db secrets.auto.tfvars backup.env.old id_ed25519_sk id_rsa.bak id_rsa_github server.key.pem tls.key private.der
privkey.pem .gnupg/private-keys-v1.d/x .aws/sso/cache/a.json .config/rclone/rclone.conf .rclone.conf .config/gcloud/access_tokens.db
.boto .kube/cache/x kubeconfig.yaml .docker/daemon.json docker-secrets.yml docker-compose.secrets.yml helm/secrets.yaml
sealed-secrets-key.yaml sops.age.key keys.txt .config/sops/age/keys.txt vault-token .vault-token ansible_vault_password vault_password
.vault_password vault.txt hosts.vault inventory/group_vars/vault.yml group_vars/prod/vault jenkins/credentials.xml credentials.xml
.jenkins/secrets/master.key .travis.key deploy_key deploy_key.pub deploykey github_deploy_key appleid.p8 AuthKey_ABC123.p8 apns.p8
playstore.json play-store-credentials.json google-play-key.json upload-keystore.jks android.keystore debug.keystore ios.mobileprovision
fastlane/.env.default match_password Matchfile.secret sentry.properties .sentryclirc .env.sentry-build-plugin newrelic.ini newrelic.yml
datadog.yaml .snowflake/config.toml snowflake.p8 .databrickscfg .dbt/profiles.yml profiles.yml airflow.cfg
.ipython/profile_default/history.sqlite .jupyter/jupyter_server_config.json jupyter_notebook_config.json .python_history
.node_repl_history .irb_history .mysql_history .sqlite_history .rediscli_history .psqlrc .dbshell .gitlab-token .github-token .gh_token
token.txt .token access_token .access-token api.key api_key apikey.txt api-keys.json apikeys.yml openai.key openai_key.txt .openai
.anthropic/api_key .huggingface/token .cache/huggingface/token .kaggle/kaggle.json .wandb/settings .netrc.gpg .authinfo.gpg .mailrc
.msmtprc .fetchmailrc .procmailrc wallet.json keystore/UTC--2020 keypair.json solana/id.json .config/solana/id.json seed-phrase.txt
recovery-codes.txt backup-codes.txt mnemonic.json private-key.json privatekey.txt private_key.pem.bak private.pem~ .ssh/config.d/work
putty.ppk session.ppk filezilla.xml winscp.ini .remmina/x.remmina x.remmina x.rdp royalts.rtsz mRemoteNG/confCons.xml confCons.xml
web.config connectionstrings.config secrets.config user-secrets/secrets.json appsettings.Local.json appsettings.secrets.json
application-prod.yml application-secrets.properties secrets.properties db.properties jdbc.properties database.properties .env.php
config.secret.php wp-config-local.php configuration.php LocalSettings.php settings.inc.php sites/default/settings.php app/etc/env.php
app/etc/local.xml config.inc.php .htpasswd.bak htpasswd.txt users.htpasswd tomcat-users.xml jboss-users.properties mgmt-users.properties
krb5.keytab krb5cc_1000 pgbouncer/userlist.txt pgpass .pgpass.conf my.cnf .mycnf redis.conf mongod.key mongo-keyfile
elasticsearch.keystore kibana.keystore logstash.keystore wireguard/wg0.conf wg1.conf client.ovpn openvpn/auth.txt ipsec.secrets
chap-secrets pap-secrets wpa_supplicant.conf NetworkManager/system-connections/home.nmconnection x.nmconnection tailscale.state
cloudflared/cert.json .cloudflared/abc.json ngrok.yml .ngrok/ngrok.yml rclone/rclone.conf restic-password restic.pass borg-passphrase
passphrase.txt passphrase .passphrase pass.txt passwords.csv passwords.kdb logins.csv 1password-export.csv bitwarden_export.json
lastpass.csv keepass.xml chrome-passwords.csv secring.pgp private.asc secret-key.asc my-secret.gpg .npmrc.bak .pypirc.old pip.conf
.condarc .gem/credentials .bundle/config .cargo/credentials.toml .composer/auth.json auth.json nuget.config .m2/settings-security.xml
maven-settings.xml terraform.tfvars.json prod.tfvars.enc .terraform/terraform.tfstate crash.log.tfstate errored.tfstate pulumi.prod.yaml
Pulumi.prod.yaml serverless.env.yml samconfig.toml .chalice/config.json zappa_settings.json .elasticbeanstalk/config.yml heap.hprof
db.dump cookies.txt session.har login.har
`;
const HOLD_NONE = `
src/a.ts environment.ts keys.ts distance/a.ts src/secrets/manager.ts src/secrets.ts secrets.py src/credentials.go id_utils.py
src/id_map.ts token.ts src/tokens.ts tokens.json password.ts src/auth.ts env.ts src/env.py config.ts settings.py application.yml
docker-compose.yml README.md tests/test_secrets.py lib/credentials/provider.rb package.json tsconfig.json src/key.ts history.ts
Makefile k8s/deployment.yaml src/identity/index.ts values.yaml go.mod src/password_reset.rb src/env/index.js .gitignore
src/env.ts env.d.ts src/key.rs keys.py keyboard.json token.go tokenizer.json tokens.css design-tokens.json package.json composer.json
config.py config/app.php settings.py src/secrets.ts vault.go passwd.c shadow.css history.md auth.ts session.ts cookies.ts wallet.ts
web.config.ts docs/environment.md secret_santa.py authorized.ts known.ts id.ts identity.ts certs.ts
src/DependencyInjection/Configuration.php config/database.php gradle.properties src/tokens.json lib/Unicode/Keys.pm
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
