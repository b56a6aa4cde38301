import { Level, lg } from './log.js';

const teams = new Map();

export function loadTeam(id) {
  if (!id) {
    return null;
  }
  return teams.get(id) ?? null;
}

export function saveTeam(id, team) {
  if (!id) {
    return null;
  }
  teams.set(id, team);
  return team;
}

export function renameTeam(id, name) {
  if (!id) {
    return null;
  }
  const team = { ...teams.get(id), name };
  teams.set(id, team);
  return team;
}

export function removeTeam(id) {
  if (!id) {
    return null;
  }
  return teams.delete(id);
}
