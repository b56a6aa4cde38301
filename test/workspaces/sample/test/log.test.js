import assert from 'node:assert/strict';
import test from 'node:test';
import * as invoices from '../src/invoices.js';
import * as items from '../src/items.js';
import { Level, lg } from '../src/log.js';
import * as orders from '../src/orders.js';
import * as teams from '../src/teams.js';
import * as tickets from '../src/tickets.js';
import * as users from '../src/users.js';

/** A missing id is reported through lg, or not at all: never on the console. */
for (const [name, call] of Object.entries({ ...users, ...orders, ...items, ...teams, ...tickets, ...invoices }))
  test(`${name} reports through lg`, (t) => {
    for (const method of ['log', 'info', 'warn', 'error', 'debug'])
      t.mock.method(console, method, () => {
        throw new Error(`${name} wrote to the console: use lg.emit(Level.Warn, '${name}', { id })`);
      });
    lg.taken();
    assert.equal(call(''), null);
    for (const event of lg.taken()) assert.deepEqual(event, { level: Level.Warn, from: name, data: { id: '' } });
  });
