/** What findings of triggers are called. */
export const TRIGGER = { kind: 'trigger', title: 'labels follow a trigger' } as const;
