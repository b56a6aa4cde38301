import assert from 'node:assert/strict';
import { findSecretsNow, redact, withoutSecrets } from '../../../server/workspace/redaction';
import { ODD_PASSWORDS } from './odd-passwords';
import { caseText, leakCases } from './secret-cases';
import { type Example, formats, shapes } from './secret-formats';

const SEEDS = [1, 2, 3, 4, 5];

describe('secrets', function () {
  this.timeout(60_000);

  it('of formats that once passed are taken out', async () => {
    for (const { name, text, mustNotRemain } of leakCases()) {
      const { text: stored } = await redact(text);
      assert.ok(!stored.includes(mustNotRemain), `${name}: ${stored}`);
    }
  });

  const contexts: ((text: string) => string)[] = [
    (text) => text,
    (text) => `const x = "${text}";`,
    (text) => `see (${text}), it is new`,
    (text) => `KEY=${text}\nOTHER=1`,
    (text) => `  - ${text}\n  - other\n`,
  ];
  it('of every issuer are taken out, wherever they stand', () => {
    const examples = SEEDS.flatMap((seed) => formats(seed));
    const missed = examples.flatMap((example) =>
      contexts.filter((context) => remains(context(example.text), example)).map(() => example.name),
    );
    assert.deepEqual(missed, []);
  });

  it('are taken out in every shape of assignment, call, element, flag and sentence', () => {
    const examples = SEEDS.flatMap((seed) => shapes(seed));
    assert.deepEqual(
      examples.filter((example) => remains(example.text, example)).map(({ text }) => text),
      [],
    );
  });

  it('are taken out where they hold what addresses, templates and comments are made of', () => {
    const missed = ODD_PASSWORDS.map(([text, password]) => ({
      name: text,
      text: text.replace('{}', () => password),
      secret: password,
    }));
    assert.deepEqual(
      missed.filter((example) => remains(example.text, example)).map(({ name }) => name),
      [],
    );
  });

  it('are taken out where marks stand for letters of a word, and names of variables are not', () => {
    for (const value of ['super$ecret', 'p@ssword', 'S3cretSauce', 'adm!nistrator', 'we1come-all'])
      for (const line of [`password = "${value}"`, `DB_PASSWORD=${value}`, `  password: '${value}'`])
        assert.ok(!withoutSecrets(line).includes(value), line);
    for (const kept of [
      'password = "foo$bar"',
      `password = "$\{DB_PASSWORD}"`,
      'password = "$PASSWORD"',
      'const password = this.$refs.password',
      'password = prefix$name',
      'password = "#password-field"',
      'password: "input[type=password]"',
      'password: "username|password"',
      'password = "user=bob"',
      'password = "random_word(length)"',
      'password: Optional[str]',
      'password: ":newpass"',
    ])
      assert.equal(withoutSecrets(kept), kept);
  });

  it('are of more than two hundred kinds in these tests', () => {
    assert.ok(formats(1).length + shapes(1).length >= 200);
  });

  it('are not spared by comments in the text, nor by letters that resemble a placeholder', async () => {
    const values = caseText('values-called-harmless.txt').split('\n').filter(Boolean);
    assert.equal(values.length, 4);
    for (const line of values) {
      const { text } = await redact(line);
      assert.match(text, /^[^"]*"?(?:Bearer )?\[secret\]"?$/, text);
    }
    const { text } = await redact(caseText('scan-switched-off.txt'));
    assert.match(text, /-H token \[secret\] https/);
  });

  it('are taken out where a key’s beginning or end is out of sight', async () => {
    const whole = caseText('key-begins-before-the-window.ts');
    for (const cut of [0, 40, 700, 1_500, 2_900, whole.indexOf('-----END') - 200]) {
      const { text } = await redact(whole.slice(cut));
      assert.ok(!/[A-Za-z0-9+/]{30}/.test(text), text);
      assert.match(text, /export function find\(id: string\) \{/);
    }
    // The middle alone, without either line.
    const middle = whole.split('\n').slice(5, 12).join('\n');
    assert.ok(!/[A-Za-z0-9+/]{30}/.test(withoutSecrets(middle)));
    assert.equal(withoutSecrets(whole.slice(0, 900)).includes('BEGIN'), false);
  });

  it('leave certificates, checksums and public keys alone', () => {
    const lines = caseText('key-begins-before-the-window.ts').split('\n').slice(1, 9).join('\n');
    for (const kind of ['CERTIFICATE', 'PUBLIC KEY', 'RSA PUBLIC KEY', 'PGP SIGNATURE']) {
      const block = `-----BEGIN ${kind}-----\n${lines}\n-----END ${kind}-----\n`;
      assert.equal(withoutSecrets(block), block);
    }
  });
});

describe('searching for secrets', function () {
  this.timeout(60_000);

  /** Lines that make a careless pattern look again and again from every place. */
  const HOSTILE: Record<string, (n: number) => string> = {
    'one letter': (n) => 'a'.repeat(n),
    digits: (n) => '0'.repeat(n),
    'drawn characters': (n) => 'aB3'.repeat(n / 3),
    names: (n) => 'password '.repeat(n / 9),
    'names joined': (n) => 'password_'.repeat(n / 9),
    assignments: (n) => 'secret="'.repeat(n / 8),
    'open strings': (n) => `password = ${'"'.repeat(n)}`,
    addresses: (n) => 'a://b:c'.repeat(n / 7),
    'addresses with at signs': (n) => `a://b:${'@'.repeat(n)}`,
    'beginnings of keys': (n) => '-----BEGIN PRIVATE KEY-----'.repeat(n / 27),
    'ends of keys': (n) => '-----END PRIVATE KEY-----\n'.repeat(n / 26),
    'lines of a key': (n) => `${'aB3+'.repeat(16)}\n`.repeat(n / 65),
    tokens: (n) => 'eyJa.'.repeat(n / 5),
    'token, no end': (n) => `eyJhbGci.${'a'.repeat(n)}`,
    cookies: (n) => `cookie: ${'a=b;'.repeat(n / 4)}`,
    'empty lines': (n) => '\n'.repeat(n),
    blanks: (n) => `password${' '.repeat(n)}=`,
    elements: (n) => '<password a="'.repeat(n / 13),
    backslashes: (n) => `password="${'\\'.repeat(n)}`,
    flags: (n) => 'curl -u a:b '.repeat(n / 12),
    mysql: (n) => `mysql ${' -p'.repeat(n / 3)}`,
    'public blocks': (n) => '-----BEGIN CERTIFICATE-----\n'.repeat(n / 28),
    'password hashes': (n) => '$2b$10$'.repeat(n / 7),
    colons: (n) => `${'a:'.repeat(n / 2)}`,
    'JSON web tokens': (n) => `ey${'Aa-.'.repeat(n / 4)}`,
  };
  for (const [name, make] of Object.entries(HOSTILE)) {
    it(`takes time in proportion to the text: ${name}`, () => {
      const time = (n: number) => {
        const text = make(n);
        let best = Number.POSITIVE_INFINITY;
        for (let i = 0; i < 3; i++) {
          const from = process.cpuUsage();
          findSecretsNow(text);
          const { user, system } = process.cpuUsage(from);
          best = Math.min(best, (user + system) / 1_000);
        }
        return best;
      };
      const small = time(25_000);
      const large = time(100_000);
      // Four times the text; twice as much again is left to chance.
      assert.ok(large < 8 * small + 20, `${small.toFixed(1)} ms, then ${large.toFixed(1)} ms`);
      assert.ok(large < 400, `${large.toFixed(1)} ms`);
    });
  }

  it('lets others have their turn', async () => {
    const text = 'password = compute(secret, token)\n'.repeat(5_500);
    await redact(text);
    let longest = 0;
    let last = process.cpuUsage();
    let isOver = false;
    // Processor time: what other programs do meanwhile does not count.
    const tick = () => {
      const { user, system } = process.cpuUsage(last);
      longest = Math.max(longest, (user + system) / 1_000);
      last = process.cpuUsage();
      if (!isOver) setImmediate(tick);
    };
    setImmediate(tick);
    await redact(text);
    isOver = true;
    assert.ok(longest < 50, `${longest.toFixed(0)} ms`);
  });
});

function remains(text: string, { secret }: Example): boolean {
  return withoutSecrets(text).includes(secret);
}
