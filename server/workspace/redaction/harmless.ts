/** Values that name or describe a secret rather than being one. Each test looks at the whole value. */
import { entropy, isTechnical, isWordLike, piecesOf, wordsOf } from './words';

/** A value made of nothing but these is a placeholder, a test word, a type or a literal. */
const PLAIN_WORDS = new Set(
  `a an the my your our their his her its this that some any no not and or of for to in on by is be from with here there it
  example sample dummy fake mock stub demo test tests testing tester placeholder todo tbd fixme change changeme replace replaceme insert enter
  provide set put fill add use put type foo bar baz qux quux foobar foobaz lorem ipsum dolor hello world abc abcd abcdef abcdefg xyz
  asdf qwe none null nil undefined true false yes empty blank redacted hidden masked removed secret secrets secretive password passwords passwd pass pwd
  passphrase token tokens key keys apikey api auth authorization bearer basic credential credentials cred creds user username users login admin root guest
  client server service account access refresh private public id ids identifier value values string str text number int bool boolean char bytes byte object any unknown void
  never optional required require default custom new old current valid invalid wrong right bad good real secure unsafe insecure plain plaintext
  hash hashed encrypted random generated generate unique super very top strong weak long short simple one two three first second third other another
  db database data config configuration settings env environment variable var vars local localhost dev development prod production staging
  app application web webhook url uri host port name names email mail phone address session cookie csrf xsrf jwt oauth saml openid ldap
  json xml yaml html form forms field fields input label title header headers body query param params path file files folder dir directory
  hidden visible show hide toggle reset forgot forgotten confirm confirmation repeat again submit create update delete remove get post
  signing encryption decrypt encrypt decryption sign signature salt iv seed shared master primary secondary project team org
  aws gcp azure google github gitlab slack stripe twilio sendgrid openai anthropic docker npm pypi kubernetes vault redis mongo mongodb postgres postgresql mysql
  mariadb sqlite oracle mssql rabbitmq kafka elastic elasticsearch minio
  identity keyword punctuation operator comment literal regexp regex number symbol whitespace newline eof ident type class func function
  expired missing found error failed success ok
  xxx xxxx xx x y z`.split(/\s+/),
);

/** Values that are looked up elsewhere, described or computed: the whole of them, from the first character to the last. */
const LOOKED_UP: RegExp[] = [
  /^\$\{[^}]*\}$/,
  /^\$\([^)]*\)$/,
  /^\$\{\{[^}]*\}\}$/,
  /^\$[A-Za-z_]\w*$/,
  /^\$\d$/,
  /^%[A-Za-z_]\w*%$/,
  /^%(?:\(\w+\))?[-+#0-9.]*[a-zA-Z@]$/,
  /^\{\{.*\}\}$/,
  /^\{%.*%\}$/,
  /^#\{[^}]*\}$/,
  /^<%.*%>$/,
  /^@@?[\w.-]+@@?$/,
  /^__[A-Z0-9_]+__$/,
  /^(?:process|import\.meta|Deno|Bun)\.env\b[\w.[\]'"]*$/,
  /^(?:os\.(?:environ|getenv)|ENV|env|System\.getenv|std::env|Environment)\b[\w.:[\]('")!?-]*$/,
  /^(?:var|local|data|module|secrets|vars|env|params|inputs|outputs|github|self|this|config|settings|options|args|props|state)\.[A-Za-z_][\w.[\]-]*$/,
  /^(?:arn|op|vault|secret|secretsmanager|ssm|gcp-?secret|azurekeyvault|keyvault|awssm|doppler|env|file|sm|kms|ref|ref\+\w+|projects|resolve):/i,
  /^ENC\[.*\]$/,
  /^(?:https?|ftp|file|mailto|tel):\/*[^\s:@]*$/i,
  /^(?:~|\.{1,2})?\/[\w.@/+ -]*$/,
  /^[A-Za-z]:\\[\w.\\ -]*$/,
  /^!(?:Ref|Sub|GetAtt|ImportValue|secret|vault|env_var)\b/,
  /^(?:sha\d+-|sha\d+:)/,
  // A package and its module.
  /^@[\w.-]+\/[\w./@-]+$/,
  // Regular expressions.
  /\[\^|\(\?[:=!<]|\\[swdbSWDB]|\{\d+,\d*\}/,
  /^-?0x[0-9a-f]{1,16}$/i,
  /^\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]*)?$/,
  /^\d{1,5}$/,
  /^\d[\d.,]*(?:ms|s|m|h|d|px|em|rem|%|kb|mb|gb)$/i,
  /^\d+[.,][\d.,]+$/,
  /^(?:application|text|image|audio|video|multipart|font|model|message)\/[\w.+*-]+(?:;.*)?$/,
];

/** The same character, or characters in the order of the alphabet or the keyboard. */
function isSequence(value: string): boolean {
  const bare = value.replace(/[\s._-]/g, '').toLowerCase();
  if (bare === '' || /^(.)\1*$/.test(bare) || /^(.{1,3})\1{2,}$/.test(bare)) {
    return true;
  }
  const rows = '0123456789012345678901234567890abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz';
  return (
    bare.length >= 3 &&
    (rows.includes(bare) || [...rows].reverse().join('').includes(bare) || bare === 'abc123')
  );
}

/** Nothing but words that say what ought to stand there: `your-api-key-here`, `changeme`, `<password>`. */
function isPlaceholder(value: string): boolean {
  const words = wordsOf(value.replace(/[<>[\]{}*'"`!?.:,;…]+/g, ' ')).flatMap((word) => {
    const bare = word.replace(/\d{1,2}$/, '');
    return bare === '' ? [] : [bare];
  });
  // Marks and numbers together are no text that describes a password.
  if (/\d/.test(value) && /[$!@#%^&]/.test(value.trim())) {
    return false;
  }
  return (
    words.every((word) => PLAIN_WORDS.has(word) || /^x{2,}$/.test(word) || /^(.)\1+$/.test(word)) &&
    (words.length > 0 || /^[\s*.•·#x_-]*$/i.test(value))
  );
}

/** Whether a value as a whole is a reference, a placeholder, a type or another text that gives nothing away. */
export function isHarmless(value: string): boolean {
  const text = value.trim();
  return (
    text.length < 4 ||
    LOOKED_UP.some((pattern) => pattern.test(text)) ||
    isBracketed(text) ||
    isSequence(text) ||
    isPlaceholder(text) ||
    isReference(text) ||
    isConstant(text)
  );
}

/** `<password>`, `{token}`, `[redacted]`: names in brackets, unless what they hold was drawn. */
function isBracketed(text: string): boolean {
  return /^(?:<[^<>]*>|\{[\w.:!\s-]*\}|\[[^\]]*\]|\([^)]*\))$/.test(text) && piecesOf(text).every(isWordLike);
}

/** `a.b.c`, `Type::name`, `a->b`, `f(x)`, `list[0]`: identifiers with the marks that join them. */
function isReference(text: string): boolean {
  return (
    /^[@&*!]?[A-Za-z_$][\w$]*(?:(?:\??\.|::|->|\?->)[A-Za-z_$][\w$]*)+(?:\(.*\)|\[.*\])?[!?]?$/.test(text) &&
    piecesOf(text).every(isWordLike)
  );
}

/** `C.NL80211_AUTHTYPE_MAX`: words in capitals, one of which may be an abbreviation with a number. */
function isConstant(text: string): boolean {
  const name = /^(?:[A-Za-z_]\w{0,60}(?:\.|::)){0,3}([A-Z][A-Z0-9]{0,30}(?:_[A-Z0-9]{1,30}){2,12})$/.exec(
    text,
  )?.[1];
  const odd = name?.split('_').filter((piece) => !isWordLike(piece)) ?? [];
  return name !== undefined && odd.length <= 1 && odd.join('').length < 9;
}

/** Sentences, labels and messages: text for people. */
export function isProse(value: string): boolean {
  const text = value.trim();
  if (!/\s/.test(text)) {
    return false;
  }
  const words = wordsOf(text);
  const aboutSecrets =
    /passw|passphrase|secret|token|\bkey|credential|\blog ?in\b|sign ?(?:in|up)|\bpin\b|must|should|cannot|can't|enter|please|invalid|required|forgot|incorrect|characters|expired|optional|wrong|mismatch|match|missing|change|update|confirm|repeat|your|error|failed|unable|%[sd]|\{\w*\}/i;
  return (
    aboutSecrets.test(text) ||
    (words.length > 3 && !/\d/.test(text) && /^[A-Z]|[.!?:…]$/.test(text)) ||
    words.length > 12
  );
}

/** Words with blanks between them: a few, with a number, or all small; labels and sentences are longer or begin with a capital. */
function mayBePhrase(text: string): boolean {
  const words = text.split(/\s+/).length;
  return (
    text.length <= 48 &&
    !/[<>{}[\]()|=]/.test(text) &&
    ((words <= 6 && /\d/.test(text)) || (words >= 4 && words <= 8 && /^[a-z ]+$/.test(text)))
  );
}

/** `correct-horse-battery-staple`: four words or more that say nothing of passwords, forms or code. */
function isPassphrase(text: string): boolean {
  const words = text.split(/[-_.]/);
  return words.length >= 4 && words.every((word) => /^[a-z]{3,12}$/.test(word) && !PLAIN_WORDS.has(word));
}

/** An identifier of something public, as a rule: UUIDs stand everywhere. */
export function isUuid(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/i.test(value);
}

/** Letters that are a word of code nowhere and a password everywhere. */
const COMMON = new Set(
  'letmein qwertyuiop asdfghjkl zxcvbnm qwerty qwertz azerty swordfish iloveyou trustno dragon monkey sunshine princess football baseball superman batman shadow master welcome starwars whatever hunter mustang michael jordan harley ranger buster soccer hockey killer george charlie andrew daniel jessica pepper ginger summer winter autumn spring flower cookie cheese banana pokemon naruto matrix freedom secret123 opensesame sesame abracadabra hello123 passw adminadmin rootroot toor hackme correcthorse correcthorsebatterystaple'.split(
    ' ',
  ),
);

/** `JmSrkbyOfDfE`: letters in both cases that no name has. */
export function isDrawnLetters(text: string): boolean {
  return /^[A-Za-z]{10,}$/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) && !isWordLike(text);
}

const DISGUISES: Record<string, string> = {
  $: 's',
  '@': 'a',
  '!': 'i',
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '5': 's',
  '7': 't',
};
/** Words that passwords are made of. */
const DISGUISED =
  /secret|passw|pass|word|admin|root|login|welcome|master|love|hello|access|super|user|test|start|summer|winter|spring|server|system|change/g;

/** `super$ecret`, `p@ssw0rd`: a word of passwords that is there only once marks and digits between letters are read as letters. */
function isDisguised(text: string): boolean {
  if (text.length > 60 || !/[A-Za-z][$@!01357]{1,2}[A-Za-z]/.test(text)) {
    return false;
  }
  const plain = text.toLowerCase();
  const read = plain.replace(/[$@!01357]/g, (mark) => DISGUISES[mark]!);
  for (const { index, 0: word } of read.matchAll(DISGUISED)) {
    if (plain.slice(index, index + word.length) !== word) {
      return true;
    }
  }
  return false;
}

/**
 * `tree+house`, `hunter(two)`, `!sunny&warm`: words with marks between them as no name, address, pattern, template or label
 * has them.
 */
export function isMarked(text: string): boolean {
  if (
    text.length < 7 ||
    text.length > 60 ||
    !/^[!~^*+=]?\p{L}/u.test(text) ||
    /[\s<>\\]|:\/\/|%[sd(]/.test(text)
  ) {
    return false;
  }
  // A call of something with a long name, a type with parameters.
  const called = /^([\w.]{1,60})[([]/.exec(text)?.[1] ?? '';
  return (
    /\p{L}[!#%^&*+~|=,;{}()[\]]{1,2}\p{L}/u.test(text) &&
    !/^[\w.-]+=[^=]*$/.test(text) &&
    !/[a-z][A-Z]|[._]|^[A-Z][a-z]/.test(called) &&
    !wordsOf(text).some((word) => PLAIN_WORDS.has(word)) &&
    !isHarmless(text)
  );
}

/** `amber!lantern`: no operator stands between two words without blanks but in a password. */
export function hasMarkWithin(text: string): boolean {
  return text.length <= 60 && /^\p{L}[\p{L}\p{N}.-]{0,60}[!^~]{1,2}\p{L}/u.test(text);
}

/**
 * A password that a person chose, given that a name says so: almost any text that is not harmless.
 * @param literal it stands in quotes, or alone on its line
 */
export function mayBePassword(value: string, literal = false): boolean {
  const text = value.trim();
  if (/^\d+$/.test(text)) {
    return text.length >= 6 && !isSequence(text);
  }
  if (isHarmless(text) || isProse(text) || text.length > 200) {
    return false;
  }
  if (/\s/.test(text)) {
    return mayBePhrase(text);
  }
  if (isDisguised(text)) {
    return true;
  }
  if (/\d/.test(text) && /\p{L}/u.test(text)) {
    return text.length >= 5;
  }
  // Letters alone: a word of code is more likely than a password, unless it has marks that no identifier has.
  if (/^[\w.$:/\\-]+$/.test(text)) {
    return (
      /^[a-z]{8,}$/.test(text) || COMMON.has(text.toLowerCase()) || isPassphrase(text) || isDrawnLetters(text)
    );
  }
  return (
    text.length >= 6 &&
    /\p{L}/u.test(text) &&
    (!/[()[\]{}<>|=]|^[^\p{L}\p{N}]|[,;:]$/u.test(text) || (literal && isMarked(text)))
  );
}

/**
 * A text with letters, digits and marks that no name and no number has: a password, where the line speaks of one but other
 * things stand on it too.
 */
export function looksChosen(value: string): boolean {
  return (
    value.length >= 7 &&
    value.length <= 100 &&
    /[A-Za-z]/.test(value) &&
    (isDisguised(value) || (/\d/.test(value) && (/[!@#$%^&*?~+]/.test(value) || isNumbered(value)))) &&
    !/[\s(){}[\]<>\\/|,;="'`]|%[\dsd]|^[#@.]|\.\w+$|^[?&+*^]|:\/\//.test(value) &&
    !isHarmless(value)
  );
}

/** `Zx81-Qwert77`: words in both cases, joined, with numbers behind them that no technology has. */
function isNumbered(text: string): boolean {
  return (
    /[a-z]/.test(text) &&
    /[A-Z]/.test(text) &&
    /[-_.]/.test(text) &&
    piecesOf(text).some((piece) => /^[A-Za-z]+\d{2,}$/.test(piece) && !isTechnical(piece))
  );
}

/** Letters, digits and marks thrown together, as keys of web frameworks are: hardly two letters stand side by side. */
function isMixture(text: string): boolean {
  const marks = new Set(text.match(/[!@#$%^&*()=+?~]/g)).size;
  const letters = text.match(/[a-z]/gi)?.length ?? 0;
  const digits = text.match(/\d/g)?.length ?? 0;
  return (
    text.length >= 12 && marks >= 3 && letters >= 4 && digits >= 2 && letters / piecesOf(text).length < 3
  );
}

/** A token that a machine drew: some piece of it is no word. */
export function mayBeToken(value: string): boolean {
  const text = value.trim();
  if (text.length < 8 || text.length > 4_000 || /\s/.test(text) || isHarmless(text)) {
    return false;
  }
  const pieces = piecesOf(text);
  if (/^[0-9a-f]{16,}$/i.test(text)) {
    return /\d/.test(text) && /[a-f]/i.test(text) && entropy(text.toLowerCase()) > 2.4;
  }
  if (isMixture(text)) {
    return true;
  }
  const drawn = pieces.filter((piece) => piece.length >= 4 && !isWordLike(piece));
  const letters = text.length >= 16 && /[a-z]/.test(text) && /[A-Z]/.test(text);
  return drawn.length > 0 && (/\d/.test(text) || letters) && entropy(text) > 2.5;
}
