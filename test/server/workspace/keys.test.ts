import assert from 'node:assert/strict';
import { random } from '../../../server/base/random';
import { withoutSecrets } from '../../../server/workspace/redaction';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const HEX = '0123456789abcdef';

describe('private keys', () => {
  const source = random(11);
  const drawn = (length: number, alphabet = BASE64) =>
    Array.from({ length }, () => alphabet[source.below(alphabet.length)]).join('');
  const lines = Array.from({ length: 12 }, () => drawn(64));
  const last = `${drawn(30)}==`;
  const begin = (kind: string) => `-----BEGIN ${kind}-----`;
  const end = (kind: string) => `-----END ${kind}-----`;
  const block = (kind = 'PRIVATE KEY') => [begin(kind), ...lines, last, end(kind)];
  const escaped = `{"private_key": "${block().join('\\n')}\\n", "x": 1}`;
  const java = `String k = "${begin('PRIVATE KEY')}\\n" +\n${lines.map((line) => `    "${line}\\n" +`).join('\n')}\n    "${end('PRIVATE KEY')}";`;
  const yaml = `key: |\n${block()
    .map((line) => `    ${line}`)
    .join('\n')}\nother: 1`;

  /** A text, and which lines of the key it holds. */
  const texts: Record<string, [text: string, from: number, to: number]> = {
    'in a JSON string': [escaped, 0, 12],
    'in a JSON string that begins above': [escaped.slice(200), 4, 12],
    'in a JSON string that goes on below': [escaped.slice(0, 500), 0, 6],
    'in the middle of a string': [block().join('\\n').slice(100, 600), 2, 7],
    'in YAML': [yaml, 0, 12],
    'in YAML that begins above': [yaml.slice(200), 4, 12],
    'in strings put together': [java, 0, 12],
    'in strings put together, begun above': [java.slice(300), 4, 12],
    'in a comment': [
      block()
        .map((line) => `# ${line}`)
        .join('\n'),
      0,
      12,
    ],
    'in a patch': [
      block()
        .map((line) => `+${line}`)
        .join('\n'),
      0,
      12,
    ],
    'with numbered lines': [
      block()
        .map((line, i) => `${String(i + 1).padStart(4)} | ${line}`)
        .join('\n'),
      0,
      12,
    ],
    'with carriage returns': [block().join('\r\n'), 0, 12],
    'on one line': [block().join(' '), 0, 12],
    'with a passphrase': [
      [
        begin('RSA PRIVATE KEY'),
        'Proc-Type: 4,ENCRYPTED',
        'DEK-Info: AES-128-CBC,01234567',
        '',
        ...lines,
        end('RSA PRIVATE KEY'),
      ].join('\n'),
      0,
      12,
    ],
    'without an end': [block().slice(0, 6).join('\n'), 0, 5],
    'without a beginning': [block().slice(6).join('\n'), 5, 12],
    'of which two lines are left': [lines.slice(3, 5).join('\n'), 3, 5],
    'of which one line is left': [`foo\n${lines[7]}\nbar`, 7, 8],
  };
  for (const [name, [text, from, to]] of Object.entries(texts)) {
    it(`are taken out ${name}`, () => {
      const stored = withoutSecrets(text);
      assert.deepEqual(
        lines.slice(from, to).filter((line) => stored.includes(line)),
        [],
      );
    });
  }

  it('are taken out of every kind', () => {
    const kinds = ['RSA', 'EC', 'DSA', 'ENCRYPTED', 'OPENSSH', 'ANY', 'SSH2 ENCRYPTED'].map(
      (kind) => `${kind} PRIVATE KEY`,
    );
    for (const kind of [...kinds, 'PGP PRIVATE KEY BLOCK']) {
      const stored = withoutSecrets(`a\n${block(kind).join('\n')}\nb`);
      assert.equal(stored, 'a\n[secret]\nb', kind);
    }
  });

  it('are taken out in the forms of other programs', () => {
    const value = `${drawn(43)}=`;
    const hex = drawn(64, HEX);
    const der = `MII${'EvQIBADANBgkqhkiG9w0BAQEFAASC'}BKcw${drawn(1_500)}`;
    const putty = `PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 1\n${lines[0]}\nPrivate-Lines: 2\n${lines[1]}\n${lines[2]}\nPrivate-MAC: ${hex}\n`;
    const forms: [text: string, secret: string][] = [
      [`[Interface]\nPrivateKey = ${value}\nAddress = 10.0.0.1/24`, value],
      [`{"kty":"oct","k":"${value}"}`, value],
      [`const privateKey = "0x${hex}";`, hex],
      [`key = "${der}"`, der.slice(400, 460)],
      [putty, lines[1]!],
      [putty, lines[2]!],
      [
        `kind: Secret\nmetadata:\n  name: x\ndata:\n  config: ${value}\n  user: YWRtaW4xMjM0NQ==\n`,
        'YWRtaW4xMjM0NQ==',
      ],
      [
        'mnemonic: "legal winner thank year wave sausage worth useful legal winner thank yellow"',
        'sausage worth',
      ],
      [`tokens:\n  - ${value}\n  - ${hex}\n`, hex],
    ];
    for (const [text, secret] of forms) {
      assert.ok(!withoutSecrets(text).includes(secret), text);
    }
  });
});
