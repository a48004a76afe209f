import { TENSORFLOW_ENVIRONMENT } from '../process/index.js';

/** Of TensorFlow and of oneDNN, which multiplies for it: some choose other kernels, and with them other last digits. */
const SETTINGS = /^(TF|ONEDNN|DNNL)_/;

/**
 * Gives this process what its children have, whatever the user's environment says of TensorFlow; only how much it logs
 * is theirs. To be called before the library is loaded, which reads it then.
 */
export function settleTensorflow(): void {
  const logLevel = process.env['TF_CPP_MIN_LOG_LEVEL'];
  for (const name of Object.keys(process.env)) if (SETTINGS.test(name)) delete process.env[name];
  Object.assign(process.env, TENSORFLOW_ENVIRONMENT, logLevel === undefined ? {} : { TF_CPP_MIN_LOG_LEVEL: logLevel });
}
