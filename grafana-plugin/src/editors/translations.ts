import { initPluginTranslations } from '@grafana/i18n';
import pluginJson from '../plugin.json';

/**
 * Texts of the editors in the language of the person. They are loaded with the first editor and not with the plugin,
 * because the library for it would be the largest part of `module.js`.
 */
export const translations = initPluginTranslations(pluginJson.id);
