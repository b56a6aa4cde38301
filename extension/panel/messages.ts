/** The messages between the panel's page and its host. Imports types only, so that both sides can. */

import type { ClientRequests, ServerNotifications } from '../../server/protocol/messages';

/** Requests that the host passes on to the server unchanged. */
export const FORWARDED = [
  'hindsight/status',
  'hindsight/events',
  'hindsight/event',
  'hindsight/rounds',
  'hindsight/acceptance',
  'hindsight/rules',
  'hindsight/changeRule',
  'hindsight/why',
] as const satisfies readonly (keyof ClientRequests)[];

/** Notifications of the server that the host passes on to the page. */
export const FORWARDED_NOTIFICATIONS = [
  'hindsight/statusChanged',
  'hindsight/eventsChanged',
  'hindsight/roundChanged',
] as const satisfies readonly (keyof ServerNotifications)[];

export type Forwarded = (typeof FORWARDED)[number];
export type ForwardedNotification = (typeof FORWARDED_NOTIFICATIONS)[number];

/** Commands that the page's buttons run. */
export const PANEL_COMMANDS = ['trainNow', 'rollBack', 'restartServer', 'showLog', 'exportMyData'] as const;
export type PanelCommand = (typeof PANEL_COMMANDS)[number];

export type FromPage =
  | { kind: 'request'; id: number; method: Forwarded; parameters: ClientRequests[Forwarded][0] }
  | { kind: 'command'; command: PanelCommand }
  | { kind: 'feedback'; completionId: string; text: string; thumbs: 1 | -1 | 0 }
  | { kind: 'delete'; completionId: string }
  | { kind: 'open'; uri: string; line: number };

export type ToPage =
  | { kind: 'answer'; id: number; result: unknown }
  | { kind: 'failure'; id: number; message: string }
  | { kind: 'event'; method: ForwardedNotification; parameters: ServerNotifications[ForwardedNotification] }
  | { kind: 'gone'; message: string };
