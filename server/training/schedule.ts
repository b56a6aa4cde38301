/** When a round may start by itself. A decision and its reason; the clock and the machine are asked elsewhere. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../protocol/settings';

export interface Moment {
  now: number;
  lastTyping: number;
  /** null where none has run yet. */
  lastRoundEnded: number | null;
  readyEvents: number;
  /** Of the ready events those that the last round had read and did not learn: on their own they would be refused again. */
  readyAfterLastRound: number;
  paused: boolean;
  running: boolean;
  /** The adapter in use has learned what no longer counts: it is to be made again without it. */
  owed: boolean;
  /** null where the system does not say. */
  onBattery: boolean | null;
}

/** New events for each that was refused: with fewer the same events would decide the same again. */
const ENOUGH_NEW = 0.25;

/** @returns null where a round may start, else one sentence why not */
export function whyNotNow(moment: Moment, settings: Settings['learning']): string | null {
  if (!settings.automatic) return 'Learning starts only on Train Now (setting hindsight.learning.automatic).';
  if (moment.paused) return 'Learning is paused.';
  if (moment.running) return 'A round is running.';
  const few = moment.owed ? null : tooFew(moment, settings);
  if (few) return few;
  const idle = (moment.now - moment.lastTyping) / 1000;
  if (idle < settings.idleSeconds) return 'You are at work.';
  const since = moment.lastRoundEnded === null ? Infinity : (moment.now - moment.lastRoundEnded) / 60_000;
  if (since < settings.minimumMinutesBetweenRounds) return 'The last round was a short while ago.';
  if (moment.onBattery === true && !settings.onBattery) return 'The machine runs on battery.';
  return null;
}

function tooFew(moment: Moment, { minimumEvents }: Settings['learning']): string | null {
  if (moment.readyEvents < minimumEvents)
    return `${moment.readyEvents} of ${minimumEvents} corrections are there.`;
  const fresh = moment.readyEvents - moment.readyAfterLastRound;
  if (fresh <= 0) return 'Nothing new since the last round.';
  if (moment.readyAfterLastRound === 0) return null;
  const enough = Math.max(minimumEvents, Math.ceil(moment.readyAfterLastRound * ENOUGH_NEW));
  return fresh < enough ? `${fresh} of ${enough} new corrections are there since the last round.` : null;
}

/** Whether the machine runs on battery; null where the system does not say. */
export async function onBattery(): Promise<boolean | null> {
  try {
    if (process.platform === 'linux') return await linuxBattery('/sys/class/power_supply');
    if (process.platform === 'darwin') {
      return /Battery Power/.test(await output('pmset', ['-g', 'batt']));
    }
    if (process.platform === 'win32') {
      const status = await output('powershell', [
        '-NoProfile',
        '-Command',
        '(Get-CimInstance Win32_Battery).BatteryStatus',
      ]);
      return status.trim() === '' ? false : status.trim() === '1';
    }
  } catch {
    // A machine that cannot say is treated as one on mains.
  }
  return null;
}

/** @param folder sysfs's power supplies: on battery where one discharges and no mains is online */
export async function linuxBattery(folder: string): Promise<boolean | null> {
  const supplies = await readdir(folder).catch(() => []);
  if (supplies.length === 0) return null;
  const read = (name: string, file: string) =>
    readFile(path.join(folder, name, file), 'utf8').catch(() => '');
  let discharging = false;
  for (const name of supplies) {
    if ((await read(name, 'online')).trim() === '1') return false;
    if ((await read(name, 'scope')).trim() === 'Device') continue;
    if ((await read(name, 'status')).trim() === 'Discharging') discharging = true;
  }
  return discharging;
}

function output(command: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: 5000 }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}
