/** Remembers what was offered, so that typing along with the ghost text costs no model run. */

export interface Offer {
  completionId: string;
  uri: string;
  /** UTF-16 offset in the document where the completion begins. */
  offset: number;
  /** The window's prefix at that place. */
  prefix: string;
  /** What follows the cursor on its line and below, as offered. */
  suffix: string;
  text: string;
}

const CAPACITY = 32;

export class OfferCache {
  private offers: Offer[] = [];

  add(offer: Offer): void {
    this.offers.unshift(offer);
    this.offers.length = Math.min(this.offers.length, CAPACITY);
  }

  /**
   * The rest of an earlier offer, where what was typed since is its beginning and nothing else changed.
   *
   * @returns the offer and how many UTF-16 units of its text were typed (0: same place again), or null
   */
  find(
    uri: string,
    offset: number,
    textBefore: string,
    suffix: string,
  ): { offer: Offer; typed: number } | null {
    for (const offer of this.offers) {
      const typed = offset - offer.offset;
      if (offer.uri !== uri || typed < 0 || typed >= offer.text.length) continue;
      if (!textBefore.endsWith(offer.prefix + offer.text.slice(0, typed))) continue;
      if (offer.suffix !== suffix.slice(0, offer.suffix.length)) continue;
      return { offer, typed };
    }
    return null;
  }

  remove(offer: Offer): void {
    this.offers = this.offers.filter((one) => one !== offer);
  }

  /** Forgets the offers of a document (closed), or all (a new adapter answers otherwise). */
  clear(uri?: string): void {
    this.offers = uri === undefined ? [] : this.offers.filter((offer) => offer.uri !== uri);
  }
}
