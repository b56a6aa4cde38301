/** Which names say that their value is a secret. */
import { wordsOf } from './words';

/**
 * What a name promises. `password`: chosen by a person, so any text can be one. `token`: drawn by a machine, so it looks drawn.
 * `hint`: the name speaks of a secret and of something else besides; the value must be beyond doubt.
 */
export type Promised = 'password' | 'token' | 'hint';

/** Finds where a name could speak of a secret, in small letters; `promiseOf` decides. */
export const KEYWORD =
  /pass(?!ed|es|ing|age|ive|enger|ion|port|through)|pwd|psw|secret|token|cred|auth|api.?key|key|cookie|sess|sid\b|\bsig|bearer|jwt|\bdsn\b|kennwort|geheimnis|schluessel|contrasena|clave|senha|segredo|parola|wachtwoord|haslo|heslo|losenord|adgangskode|kodeord|salasana|sifre|parol|identified by|requirepass|masterauth|securestring|pw\b|pw_|mdp\b|mot_?de_?passe|psk\b|_pat\b/g;
/** The same in other scripts, as they stand in comments and configuration. */
export const FOREIGN_KEYWORD =
  /schlüssel|contraseña|hasło|lösenord|jelszó|şifre|пароль|секрет|токен|ключ|κωδικός|סיסמ[הא]|كلمة (?:المرور|السر)|密码|密碼|口令|密钥|密鑰|秘钥|令牌|パスワード|秘密|暗証番号|비밀번호|암호|토큰|รหัสผ่าน|mật khẩu|पासवर्ड/gu;

const PASSWORDS = new Set(
  'password passwd mdp motdepasse passwort requirepass masterauth securestring pw psk passphrase passcode passw pwd psw pass kennwort passe contraseña contrasena senha parola wachtwoord hasło haslo heslo lösenord losenord passord adgangskode kodeord salasana jelszó jelszo şifre sifre parol пароль κωδικός סיסמה סיסמא 密码 密碼 口令 パスワード 暗証番号 비밀번호 암호 รหัสผ่าน पासवर्ड المرور السر khẩu'.split(
    ' ',
  ),
);
const TOKENS = new Set(
  'pat secret secrets token tokens credential credentials creds cred apikey apitoken apisecret accesskey secretkey privatekey authkey authtoken accesstoken refreshtoken clientsecret bearer jwt geheimnis schlüssel schluessel segredo clave секрет токен ключ 密钥 密鑰 秘钥 令牌 秘密 토큰 sessionid jsessionid phpsessid sessid sid cookie session connectionstring'.split(
    ' ',
  ),
);
/** Words before `key` that make it one that is kept; a bare `key` names a place in a table. */
const KEPT_KEYS = new Set(
  'api secret private access auth authentication authorization account master encryption encrypt encrypting decryption crypto cipher signing sign signature client shared service storage app application consumer admin root hmac aes rsa ssh gpg pgp tls ssl jwt webhook subscription license licence license deploy deployment upload server machine team project write read integration ingest insert instrumentation data maps stripe twilio sendgrid openai anthropic github gitlab aws azure google gcp firebase mailgun datadog newrelic sentry algolia cloudflare heroku cohere mistral groq session cookie fernet bot user password recovery seed wallet mnemonic bearer token rest functions function event'.split(
    ' ',
  ),
);
/** Behind the word that counts, and saying nothing against it. */
const NEUTRAL = new Set(
  'stdin set value default prod production dev development stage staging live sandbox test testing local env base str string text plain plaintext raw b64 base64 hex encoded encrypted decrypted hash hashed digest sha256 md5 old new current previous confirm confirmation repeat again primary secondary main master root admin user db database data pem ascii utf8 bytes json id 1 2 3 4 5 01 02 v1 v2'.split(
    ' ',
  ),
);
/** Names that hold the words and never a secret. */
const NEVER =
  /^(?:public|publishable|anon)|(?:public|foreign|primary|partition|sort|cache|lookup|translation|i18n|label|json|object|storage|hot|shortcut|csrf|xsrf|next|page|pagination|continuation|sync|cancel|cancellation|abort|lex|syntax|semantic|design)_?(?:key|token)s?$|pass(?:ed|es|ing|age|ive|enger|ion|port|through)|author(?!i)|keyboard|monkey|turkey|donkey|hockey|keyword|keyframe|keycode|tokeni[sz]e|sessionstorage|(?:key|token|secret|password)_?(?:name|id|type|path|file|url|uri|length|len|size|count|field|label|placeholder|prompt|hint|regex|pattern|policy|rule|error|message|msg|input|reset|change|expir\w{0,20}|endpoint|provider|store|ring|vault|manager|ref|arn|format|index|idx|class|kind|kinds|version|validator|strength)$/;

/** What a name promises of its value; null where it is no name of a secret. */
export function promiseOf(name: string): Promised | null {
  if (/^identified by$/i.test(name)) {
    return 'password';
  }
  const words = wordsOf(name);
  const joined = words.join('_');
  if (NEVER.test(joined)) {
    return null;
  }
  let end = words.length;
  while (end > 1 && (NEUTRAL.has(words[end - 1]!) || /^\d+$/.test(words[end - 1]!))) {
    end--;
  }
  const last = words[end - 1]!.replace(/(?<!\d)\d+$/, '');
  const before = words[end - 2] ?? '';
  if (PASSWORDS.has(last) && (last !== 'pass' || end > 1 || /^pass$/i.test(name))) {
    return 'password';
  }
  if (/(?:store|key|db|user|root|admin|login|mail|smtp|ftp|ssh|proxy|http)pass$/.test(last)) {
    return 'password';
  }
  if (/^(?:root|db|user|admin|login|mail|smtp|ftp|ssh|wifi|my|sql)pw$/.test(last)) {
    return 'password';
  }
  if (
    /(?:passw(?:or)?d|passwort|passphrase|pwd)s?$/.test(last) ||
    /pass_(?:word|phrase|code)$/.test(joined) ||
    joined.endsWith('secure_string')
  ) {
    return 'password';
  }
  if (/(?:^|_)sess(?:ion)?_?id$/.test(joined)) {
    return 'token';
  }
  if (TOKENS.has(last) || /(?:secret|token|apikey|accesskey|privatekey|secretkey)$/.test(last)) {
    return 'token';
  }
  if ((last === 'key' || last === 'keys') && KEPT_KEYS.has(before)) {
    return 'token';
  }
  if ((last === 'auth' || last === 'authorization' || last === 'sig') && end === 1) {
    return 'hint';
  }
  return /passw|pwd|secret|token|credential|api_?key|auth|_key$|^key_/.test(joined) ? 'hint' : null;
}
