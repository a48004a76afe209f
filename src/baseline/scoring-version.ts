/**
 * Raise by one with every change after which the same trusted rows would be fitted, or the same row scored, to other
 * numbers: encoders, detectors, calibration, what a Baseline holds. An artefact of another scoring version is refused,
 * because its scores and this code's would be compared as if they were of one kind.
 */
export const SCORING_VERSION = 20;
