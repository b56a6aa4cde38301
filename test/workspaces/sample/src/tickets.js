import { Level, lg } from './log.js';

const tickets = new Map();

export function loadTicket(id) {
  if (!id) {
    return null;
  }
  return tickets.get(id) ?? null;
}

export function saveTicket(id, ticket) {
  if (!id) {
    return null;
  }
  tickets.set(id, ticket);
  return ticket;
}

export function renameTicket(id, name) {
  if (!id) {
    return null;
  }
  const ticket = { ...tickets.get(id), name };
  tickets.set(id, ticket);
  return ticket;
}

export function removeTicket(id) {
  if (!id) {
    return null;
  }
  return tickets.delete(id);
}
