/**
 * What native TensorFlow finds in the environment of every process that computes. How it divides a product among threads
 * decides the order of sums and with it their last digits, so there is one thread; work is divided among processes.
 */
export const TENSORFLOW_ENVIRONMENT = { TF_CPP_MIN_LOG_LEVEL: '2', TF_NUM_INTRAOP_THREADS: '1' } as const;
