/** Passwords in addresses: `scheme://user:password@host`, whatever the password holds, with or without a user. */
import type { Finding } from './finding';
import { isHarmless, mayBeToken } from './harmless';

const SCHEME = /[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\//g;
/** Longest authority looked at, in characters. */
const MOST = 400;
/** What a host looks like, and what may come behind it. */
const HOST =
  /^(?:[\w*-]+(?:\.[\w*-]+)*|\[[0-9a-fA-F:.]+\]|\$\{[^}]*\}|%s|\{[\w.]*\})(?::(?:\d+|\$\{?\w+\}?))?(?:,[\w.:-]+)*(?:[/?#;,)\]}"'`<>\s\\]|$)/;

/** Passwords of URLs and of the connection strings that look like them. */
export function* urlPasswords(text: string): Iterable<Finding | null> {
  for (const match of text.matchAll(SCHEME)) {
    const from = match.index + match[0].length;
    const authority = /^[^\s"'`<>\\]*/.exec(text.slice(from, from + MOST))![0];
    const found = passwordIn(authority, match[0].toLowerCase());
    if (found) {
      yield { start: from + found.start, end: from + found.end };
    }
  }
  // Go's MySQL driver: user:password@tcp(host:port)/database.
  for (const match of text.matchAll(
    /(?<![\w.:/])[\w.-]{1,40}:([^\s"'`/:]{3,80})@(?:tcp\(|unix\(|udp\(|\/\w)/g,
  )) {
    if (!isPlaceholder(match[1]!)) {
      const start = match.index + match[0].indexOf(':') + 1;
      yield { start, end: start + match[1]!.length };
    }
  }
  // Oracle's and SQL*Plus's way: user/password@host.
  for (const match of text.matchAll(
    /(?:jdbc:oracle:\w{1,10}:|\b(?:sqlplus|expdp|impdp|sqlldr|CONN(?:ECT)?)\s{1,4}(?:-\w{1,10}\s{1,4}){0,3})[\w$#.-]{1,40}\/([^\s/"'`]{4,80})@(?=[\w/(])/g,
  )) {
    if (!isHarmless(match[1]!)) {
      const start = match.index + match[0].length - 1 - match[1]!.length;
      yield { start, end: start + match[1]!.length };
    }
  }
}

function passwordIn(authority: string, scheme: string): Finding | null {
  const slash = authority.search(/[/?#]/);
  const host = slash < 0 ? authority : authority.slice(0, slash);
  const web = /^(?:https?|ftps?|wss?|git|ssh|svn|npm|file):/.test(scheme);
  let at = host.lastIndexOf('@');
  if (at < 0) {
    // A password that holds a slash or a question mark: the last @ that a host stands behind.
    const colon = host.indexOf(':');
    if (colon < 0 || /^\d{1,5}$/.test(host.slice(colon + 1))) {
      return null;
    }
    for (at = authority.lastIndexOf('@'); at > 0 && !HOST.test(authority.slice(at + 1)); ) {
      at = authority.lastIndexOf('@', at - 1);
    }
    if (at <= 0 || (web && !/\d/.test(authority.slice(colon + 1, at)))) {
      return null;
    }
  } else {
    // An @ may stand behind the first slash too, where the password holds both.
    const later = authority.lastIndexOf('@');
    if (later > at && !web && HOST.test(authority.slice(later + 1))) {
      at = later;
    }
  }
  const user = authority.slice(0, at);
  const colon = user.indexOf(':');
  if (colon < 0) {
    // `https://TOKEN@github.com`
    return mayBeToken(decoded(user)) ? { start: 0, end: at } : null;
  }
  const password = user.slice(colon + 1);
  const bare = decoded(password);
  if (password.length < 3 || /^(?:\$|%[({]|\{|<|\[|#\{)/.test(bare) || isPlaceholder(bare)) {
    // Where the password is a reference, a token may still stand as the user.
    return mayBeToken(user.slice(0, colon)) ? { start: 0, end: colon } : null;
  }
  const withToken = mayBeToken(user.slice(0, colon)) ? 0 : colon + 1;
  return { start: withToken, end: at };
}

/** Placeholders only: that a real password is an ordinary word is no excuse in an address. */
function isPlaceholder(password: string): boolean {
  return (
    /^(?:pass|passwd|password|pwd|pw|secret|token|x+|\*+|\.+|…|user|username|changeme|example|your[-_]?\w*|my[-_]?\w*|port|\d{1,5})$/i.test(
      password,
    ) || isHarmless(password)
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
