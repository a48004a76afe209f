import type { EventQueue, EventTaking } from './sqs/event-queue.js';

/** As sqs/event-queue.ts; the client of SQS is loaded only where it is needed. @throws Transient EVENTS_FAILED */
export async function openEventQueue(taking: EventTaking): Promise<EventQueue> {
  const { openEventQueue: open } = await import('./sqs/event-queue.js');
  return open(taking);
}
