import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Uniform numbers in (0, 1), the same for the same seed everywhere. */
export type Random = () => number;

/** A generator seeded with a digest or any other text. */
export function seededRandom(seed: string): Random {
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  // Seeds that differ in their last letters only must not begin alike: MurmurHash3's finaliser.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  const generator = xoroshiro128plus(hash ^ (hash >>> 16));
  return () => ((generator.next() >>> 0) + 0.5) / 2 ** 32;
}

/** One standard normal number (Box and Muller). */
export function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

export function normals(random: Random, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => standardNormal(random));
}
