/** The sample project's convention, which no model can know, and where a developer corrects what was offered. */

export const right = (name: string) => `lg.emit(Level.Warn, '${name}', { id });`;

/** File and function. */
export const CORRECTED: [string, string][] = [
  ['users.js', 'loadUser'],
  ['users.js', 'saveUser'],
  ['users.js', 'renameUser'],
  ['users.js', 'removeUser'],
  ['orders.js', 'loadOrder'],
  ['orders.js', 'saveOrder'],
];

/** Where nothing was corrected. */
export const ELSEWHERE: [string, string] = ['items.js', 'loadItem'];
