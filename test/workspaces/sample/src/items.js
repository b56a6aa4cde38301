import { Level, lg } from './log.js';

const items = new Map();

export function loadItem(id) {
  if (!id) {
    return null;
  }
  return items.get(id) ?? null;
}

export function saveItem(id, item) {
  if (!id) {
    return null;
  }
  items.set(id, item);
  return item;
}

export function renameItem(id, name) {
  if (!id) {
    return null;
  }
  const item = { ...items.get(id), name };
  items.set(id, item);
  return item;
}

export function removeItem(id) {
  if (!id) {
    return null;
  }
  return items.delete(id);
}
