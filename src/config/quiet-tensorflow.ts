/** Keeps native TensorFlow's start-up lines out of our output; it reads this when it is loaded. */
export function quietTensorflow(): void {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
}
