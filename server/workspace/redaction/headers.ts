/** What HTTP messages and the command lines that send them carry: authorisation, cookies, signed addresses. */
import type { Finding } from './finding';
import { isHarmless, isMarked, looksChosen, mayBeToken } from './harmless';
import { looksDrawn } from './words';

const AUTHORIZATION =
  /\b(?:bearer|basic|digest|token|negotiate|apikey|key|hawk|ssws|aws4-hmac-sha256)[ \t]{1,4}(?:credential=)?([A-Za-z0-9+/_.~:=-]{12,4000})/gi;
const AUTHORIZATION_HEADER =
  /\b(?:proxy-)?authorization["']?\s{0,4}[:=,]\s{0,4}["'`]?(?:[A-Za-z][\w-]{1,20}[ \t]{1,4})?([A-Za-z0-9+/_.~:=-]{8,4000})/gi;
const COOKIE = /\b(?:set-cookie2?|cookie)["']?\s{0,4}[:=,]\s{0,4}["'`]?([^\r\n"'`]{6,4000})/gi;
const CURL_USER =
  /(?:^|[\s"'`[,])(?:-u|--user|--proxy-user|-U)[=\s"',]{1,6}([^\s:"'`${}]{1,80}):([^\s"'`]{3,200})/g;
const PASSWORD_FLAG =
  /\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|sshpass|smbclient|mongo|mongosh|mongodump|redis-cli|docker login|helm registry login|podman login|az login|ldapsearch|ldapadd|cqlsh|7z|zip|unzip|openssl|psql|plink|pscp|winscp|ansible|skopeo|sqlcmd|isql|osql|bcp)\b[^\n|;]{0,200}?[ \t](?:-p|-a|-w|-k|-P|-pw|--creds|--password-file)[ \t]{0,2}(["']?)([^\s"'=-][^\s"']{3,120})\1(?=\s|$|["'`])/g;
const SIGNED =
  /[?&;](?:sig|signature|x-amz-signature|x-amz-security-token|x-goog-signature|access_token|id_token|refresh_token|auth_token|apikey|api_key|appid|code|sas|token|key|hmac|secret|client_secret|password|pwd|se_sig)=([\w%.~+/=-]{8,2000})/gi;
const HASH =
  /\$(?:2[abxy]?\$\d\d\$[./A-Za-z0-9]{20,53}|(?:1|5|6|7|y|gy|apr1|md5|sha1|sm3|argon2(?:id|i|d)|scrypt|pbkdf2(?:-sha\d+)?|P|H)\$[^\s"'`:;]{16,300})/g;
const OTHER_HASH =
  /\{(?:PLAIN|CLEARTEXT)\}[^\s"'`]{4,100}|\{(?:S?SHA\d{0,3}|SMD5|MD5|CRYPT|PBKDF2\w*)\}[A-Za-z0-9+/=$.]{16,200}|\b(?:pbkdf2_sha\d+\$\d+\$[^\s"'`]{20,200}|(?:bcrypt_sha256|argon2|scrypt)\$[^\s"'`]{20,300}|SCRAM-SHA-\d+\$\d+:[^\s"'`]{30,300}|scrypt:\d+:\d+:\d+\$[^\s"'`]{16,300}|pbkdf2:sha\d+(?::\d+)?\$[^\s"'`]{16,300})/g;
/** A user and a password side by side: `login: app / …`. */
const PAIR =
  /\b(?:logins?|creds?|credentials?|accounts?|user(?:name)?\/pass(?:word)?)\b["']?\s{0,4}(?:[:=]|is|are)\s{0,4}["'`]?[\w.@+-]{2,60} ?[:/] ?([^\s"'`,;]{6,100})/gi;
/** `http -a user:…`, and what programs put into base64 themselves. */
const USER_AND_PASSWORD =
  /\b(?:https?|xh) (?:[^\n|;]{1,200} )?(?:-a|--auth)[= ]["']?[\w.@+-]{1,60}:([^\s"'`]{3,100})|\b(?:btoa|b64encode|base64_encode|encode64|encodeToString|EncodeToString)\(\s{0,4}(?:\[\]byte\()?[bf]?["'`][\w.@+-]{1,60}:([^"'`\n]{3,100})["'`]/g;
const SAMBA_USER = /\s-U[ =]{0,2}[\w.\\/-]{1,60}%([^\s"'`]{3,100})/g;
/** Other commands that are told a password. */
const COMMANDS =
  /\bhtpasswd[ \t]{1,4}-\w{0,6}b\w{0,6}[ \t]{1,4}(?:[^\s]{1,200}[ \t]{1,4}){1,2}([^\s"'`]{4,100})|\bnet user [^\s]{1,60} ([^\s/"'`]{4,100})|\becho[ \t]{1,4}["']?([^\s"'`|]{4,100})["']?[ \t]{0,4}\|[ \t]{0,4}sudo -S|\bsend(?:ln)?[ \t]{1,4}(?:--[ \t]{1,4})?"([^"\n\\]{4,100})\\[rn]"|\brabbitmqctl (?:add_user|change_password) [^\s]{1,60} ['"]?([^\s"'`]{4,100})|\bACL SETUSER [^\n]{0,200}?\s>([^\s"'`]{4,100})|(?:^|\n)AUTH (?:[^\s]{1,60} )?([^\s"'`]{4,100})(?=\r?\n|$)|\bopenssl enc [^\n|;]{0,200}? -k ['"]?([^\s"'`]{4,100})|\bx?freerdp[^\n]{0,200}? \/p:([^\s"'`]{3,100})|\bnet use [^\n]{1,120}? ([^\s\\/:"'`]{4,100})[ \t]{1,4}\/u(?:ser)?:|\buser(?:add|mod)[ \t]{1,4}(?:[^\s]{1,60}[ \t]{1,4}){0,6}?(?:-p|--password)[ \t=]{1,4}['"]?([^\s"'`]{4,100})/g;
/** Twelve to twenty-four words that a wallet can be made from again. */
const PHRASE =
  /\b(?:mnemonic|seed|recovery)[\w -]{0,20}["']?\s{0,4}[:=]\s{0,4}["'`]?((?:[a-z]{3,8} ){11,23}[a-z]{3,8})\b/gi;
/** Basic credentials, told by what they decode to. */
const BASIC = /\bbasic[ \t]{1,4}([A-Za-z0-9+/]{6,400}={0,2})/gi;
/** Lines of files that hold nothing else: .pgpass, .netrc, htpasswd with plain or old hashes. */
const PGPASS =
  /(?:^|["'])(?:[\w.*-]{1,80}):(?:\d{2,5}|\*):[^:\s]{1,60}:[^:\s]{1,60}:([^\s:"'][^\r\n"']{2,120})(?:$|["'])/gm;
const SHADOW = /^[\w.-]{1,40}:([A-Za-z0-9./]{13}|\{SHA\}[\w+/=]{20,40})(?=:|\r?$)/gm;
const SIGNING =
  /\b(?:jwt|jsonwebtoken|jws|jose)\.(?:sign|verify|encode|decode)\(|(?:\b|_)(?:createHmac|createCipheriv|createDecipheriv|hmac\.new|Fernet|cookieParser|cookieSession|TimestampSigner|URLSafeTimedSerializer|URLSafeSerializer|AES\.(?:encrypt|decrypt|new)|HmacSHA\d+|SigningKey|setSigningKey|signWith|Keys\.hmacShaKeyFor|SecretKeySpec|Algorithm\.HMAC\d+|SymmetricSecurityKey|new_from_slice|crypto\.subtle\.importKey|setCredentials|\w{0,20}BasicAuth|basic_auth|pbkdf2\w{0,20}|scrypt(?:Sync)?|hkdf\w{0,10}|PBEKeySpec|hash_password|(?:generate|check)_password_hash|connect|HTTPBasicAuth|HTTPDigestAuth|auth|login|authenticate|signIn\w{0,30}|NetworkCredential|UsernamePasswordCredentials|PasswordCredential|createConnection|getConnection|mysqli(?:_connect)?|PDO|SASLPlain|PlainAuth|PlainSASL|AzureKeyCredential|StorageSharedKeyCredential|setKey|setApiKey|from_api_key|verify|sign|bcrypt\.\w{1,12}|create_?[uU]ser|create_superuser|WiFi\.begin|[kK]eyStore\.load|PasswordAuthentication|amqp\.plain)\(|\bDBI->connect\(|\bauth\s{0,4}[=:]\s{0,4}[([]/g;

function* groups(
  text: string,
  pattern: RegExp,
  group: number,
  isSecret: (value: string) => boolean,
): Iterable<Finding> {
  for (const match of text.matchAll(pattern)) {
    const value = match[group];
    if (value !== undefined && isSecret(value)) {
      const start = match.index + match[0].lastIndexOf(value);
      yield { start, end: start + value.length };
    }
  }
}

/** Authorisation, cookies, flags with passwords, signed addresses, hashes of passwords, arguments of functions that sign. */
export function* headerSecrets(text: string): Iterable<Finding | null> {
  yield* groups(text, AUTHORIZATION, 1, (value) => value.length >= 16 && mayBeToken(value));
  yield null;
  yield* groups(text, AUTHORIZATION_HEADER, 1, mayBeToken);
  yield* groups(text, BASIC, 1, isBasic);
  yield* groups(text, PHRASE, 1, () => true);
  for (let group = 1; group <= 11; group++) {
    yield* groups(text, COMMANDS, group, isDrawnOrChosen);
  }
  yield* groups(text, SIGNED, 1, mayBeToken);
  yield null;
  yield* cookies(text);
  yield* groups(text, CURL_USER, 2, (value) => !isHarmless(value) && /\d|[^\w.-]/.test(value));
  for (const group of [1, 2]) {
    yield* groups(text, USER_AND_PASSWORD, group, (value) => !isHarmless(value) && /\d|[^\w.-]/.test(value));
  }
  yield* groups(text, SAMBA_USER, 1, (value) => !isHarmless(value) && /\d/.test(value));
  yield* groups(text, PAIR, 1, isDrawnOrChosen);
  yield* groups(
    text,
    PASSWORD_FLAG,
    2,
    (value) => !isHarmless(value) && (/\d/.test(value) || isMarked(value)) && !/^\d+(?::\d+)?$/.test(value),
  );
  yield null;
  if (text.includes('$')) {
    yield* groups(text, HASH, 0, () => true);
  }
  yield* groups(text, OTHER_HASH, 0, () => true);
  yield* groups(
    text,
    PGPASS,
    1,
    // A hardware address is no line of that file.
    (value) => !isHarmless(value) && !/^[0-9a-f]{2}(?::[0-9a-f]{2})*$/i.test(value),
  );
  yield* groups(text, SHADOW, 1, (value) => looksDrawn(value, 12) && /\d/.test(value) && /[A-Z]/.test(value));
  yield null;
  yield* signingArguments(text);
}

const isDrawnOrChosen = (value: string): boolean =>
  mayBeToken(value) || looksChosen(value) || isMarked(value);

/** `user:password` in base64. */
function isBasic(value: string): boolean {
  return /^[!-~]{1,80}:[ -~]{3,}$/.test(Buffer.from(value, 'base64').toString('latin1'));
}

/** Values of cookies that look drawn; attributes and settings are left. */
function* cookies(text: string): Iterable<Finding> {
  for (const match of text.matchAll(COOKIE)) {
    const from = match.index + match[0].length - match[1]!.length;
    for (const pair of match[1]!.matchAll(/([\w.%-]{1,80})=([^;,\s]{8,4000})/g)) {
      const value = pair[2]!;
      if (
        !/^(?:path|domain|expires|max-age|samesite|priority|version)$/i.test(pair[1]!) &&
        mayBeToken(value.replace(/^s%3A/i, ''))
      ) {
        const start = from + pair.index + pair[0].length - value.length;
        yield { start, end: start + value.length };
      }
    }
  }
}

/** Strings among the arguments of functions that take a secret. */
function* signingArguments(text: string): Iterable<Finding | null> {
  for (const match of text.matchAll(SIGNING)) {
    const from = match.index + match[0].length;
    const reach = text.slice(from, from + 300);
    const end = reach.search(/\n\s*\n|;\s*\n/);
    const scope = end < 0 ? reach : reach.slice(0, end);
    for (const string of scope.matchAll(/(["'`])((?:(?!\1)[^\n\\]){8,200})\1/g)) {
      if (isDrawnOrChosen(string[2]!)) {
        yield { start: from + string.index + 1, end: from + string.index + 1 + string[2]!.length };
      }
    }
  }
}
