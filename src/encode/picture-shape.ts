/** Of a square picture: row by row from the top left, the colours of a pixel side by side. */
export interface PictureShape {
  /** Pixels. */
  readonly side: number;
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3;
}

/** Of k² or 3·k² numbers; three squares never make a square, so their count tells which. */
export function pictureShape(length: number): PictureShape | undefined {
  for (const channels of [1, 3] as const) {
    const side = Math.round(Math.sqrt(length / channels));
    if (side > 0 && side * side * channels === length) return { side, channels };
  }
  return undefined;
}
