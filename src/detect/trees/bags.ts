import { scramble } from '../../encode/index.js';

/** Halves without repetition make trees as good as bootstrap samples do (Bühlmann and Yu 2002), and leave more to judge a row. */
const BAG_SHARE = 0.5;

/** Whether copies of a row, known by their digest, are among those that a tree is grown on. */
export function isInBag(digest: number, tree: number): boolean {
  return draw(digest, tree) < BAG_SHARE * 2 ** 32;
}

/** Far beyond the number of any tree. */
const OF_PARTS = 2 ** 20;
const OF_SAMPLE = OF_PARTS + 1;

/** In which of so many parts of the rows copies of a row are. */
export function partOf(digest: number, parts: number): number {
  return Math.floor((draw(digest, OF_PARTS) / 2 ** 32) * parts);
}

/** Whether copies of a row are in a sample that has this share of all rows. */
export function isInSample(digest: number, share: number): boolean {
  return draw(digest, OF_SAMPLE) < share * 2 ** 32;
}

/** 32 bits by digest and number: two rounds of MurmurHash3's finaliser. */
function draw(digest: number, number: number): number {
  const words = (digest >>> 0) ^ Math.imul(Math.floor(digest / 2 ** 32), 0x9e3779b1);
  return scramble(scramble(words) ^ Math.imul(number + 1, 0x85ebca6b));
}
