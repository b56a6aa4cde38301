import { Level, lg } from './log.js';

const users = new Map();

export function loadUser(id) {
  if (!id) {
    return null;
  }
  return users.get(id) ?? null;
}

export function saveUser(id, user) {
  if (!id) {
    return null;
  }
  users.set(id, user);
  return user;
}

export function renameUser(id, name) {
  if (!id) {
    return null;
  }
  const user = { ...users.get(id), name };
  users.set(id, user);
  return user;
}

export function removeUser(id) {
  if (!id) {
    return null;
  }
  return users.delete(id);
}
