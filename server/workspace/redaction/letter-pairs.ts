/**
 * How surprising a letter is after another, in half bits (base 36), from `a` to `z` each way: -2·log2 p(second | first) over
 * 21,625 words of identifiers in Python's, Go's and npm packages' sources, weighted by the logarithm of how often they occur.
 * Names lie at 3.6 to 4.6 bits a pair, letters drawn at random at 4.7 to 6.5, the surer the longer the text.
 */
const HALF_BITS =
  'h979heahajc696g9k685bcffbg' +
  '8cce8efc5bc5689ciaad9cfiae' +
  '79bc7gb78e898a6dhab8agfg8d' +
  '8cba4cdd5ee99d8bja9dabegad' +
  '9d86bbcgejg9a6fbe568fce9ej' +
  '8ca976gf5dd8ee7bj8999iccae' +
  '88885b989mf8e98bm89dagcafg' +
  '69895eda7db9bd7ah9b8bccgcd' +
  'ab89ab9cgjc9947bjb87hbdbnb' +
  '788a9dc9cfc7fd78ke8798eg8a' +
  '9c8b5d5d7me9eba9gd6b9gddbf' +
  '7a795egf6fc7cd7emgaaabec8f' +
  '5a9a5hdf7ed8af87kf9b9gjceh' +
  '8d877b5e8fbbfc9die75cbfjei' +
  'ba89dc9jchd985a9j6998bafhi' +
  '68ab6deb9jf7gi79l6a8ahhicf' +
  'ecacff8f8bcabb9fidab2dgi8b' +
  '6ebb4dcf6ibaab7cka89bcglbi' +
  '9c8d5ea87kcbde99ge858gceag' +
  '7e9d5ef85ifaeg8ck78abhffaf' +
  '98899bah9kf896c9o777ehheeh' +
  '77694egb7eccdfbdlhccbgedad' +
  '6ca88e597jgag98dk9acdfa8ch' +
  'ad6a9ac79ca7ccf6kcb789fbdc' +
  'a97aafa89g8a89b8pe8afh77bf' +
  '8a895dhb7dg89e7aoja7gbgf9c';

/** Bits of a pair of small letters. */
function bitsOf(first: number, second: number): number {
  return Number.parseInt(HALF_BITS[(first - 97) * 26 + second - 97]!, 36) / 2;
}

/** Sum over the pairs inside each word, and how many there are. Words are letters of either case. */
export function surprise(words: readonly string[]): { bits: number; pairs: number } {
  let bits = 0;
  let pairs = 0;
  for (const word of words) {
    const small = word.toLowerCase();
    for (let i = 1; i < small.length; i++) {
      bits += bitsOf(small.charCodeAt(i - 1), small.charCodeAt(i));
      pairs++;
    }
  }
  return { bits, pairs };
}
