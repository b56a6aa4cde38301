import { Level, lg } from './log.js';

const orders = new Map();

export function loadOrder(id) {
  if (!id) {
    return null;
  }
  return orders.get(id) ?? null;
}

export function saveOrder(id, order) {
  if (!id) {
    return null;
  }
  orders.set(id, order);
  return order;
}

export function renameOrder(id, name) {
  if (!id) {
    return null;
  }
  const order = { ...orders.get(id), name };
  orders.set(id, order);
  return order;
}

export function removeOrder(id) {
  if (!id) {
    return null;
  }
  return orders.delete(id);
}
