import type { Command } from 'commander';
import type { Environment } from '../../config/index.js';
import type { CliIo, ExitCode } from '../io.js';
import { auditCommand } from './audit.js';
import { baselineCommand } from './baseline.js';
import { bomCommand } from './bom.js';
import { contractCommand } from './contract.js';
import { doctorCommand } from './doctor.js';
import { enqueueCommand } from './enqueue.js';
import { gateCommand } from './gate.js';
import { manifestCommand } from './manifest.js';
import { pauseCommand, resumeCommand } from './pause.js';
import { policyCommand } from './policy.js';
import { recallCommand } from './recall.js';
import { reconcileCommand } from './reconcile.js';
import { rescanCommand } from './rescan.js';
import { reviewCommand } from './review.js';
import { scanCommand } from './scan.js';
import { serveCommand } from './serve.js';
import { signCommand } from './sign.js';
import { statusCommand } from './status.js';
import { workerCommand } from './worker.js';

/** Makes a command, which hands its exit code to `finish`. */
type CommandMaker = (io: CliIo, environment: Environment, finish: (code: ExitCode) => void) => Command;

/** In the order in which help lists them. */
export const commands: readonly CommandMaker[] = [
  scanCommand,
  baselineCommand,
  contractCommand,
  signCommand,
  manifestCommand,
  gateCommand,
  bomCommand,
  recallCommand,
  auditCommand,
  workerCommand,
  serveCommand,
  enqueueCommand,
  statusCommand,
  pauseCommand,
  resumeCommand,
  reconcileCommand,
  rescanCommand,
  reviewCommand,
  policyCommand,
  doctorCommand,
];
