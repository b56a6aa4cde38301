/** User settings for the editors that we start: nothing that talks to the network or moves by itself. */
export const QUIET_SETTINGS = {
  'terminal.integrated.enablePersistentSessions': false,
  'terminal.integrated.gpuAcceleration': 'off',
  'terminal.integrated.shellIntegration.enabled': true,
  'chat.disableAIFeatures': true,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'editor.inlineSuggest.enabled': true,
  'editor.minimap.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Dark Modern',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.restoreWindows': 'none',
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'hindsight.model.offer': false,
};
