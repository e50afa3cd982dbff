// @ts-check
'use strict';

const fs = require('fs');
const path = require('path');
const { version } = require('../package.json');

/**
 * @typedef {object} Command what to start
 * @property {string} file
 * @property {string[]} args
 */

const ON_WINDOWS = process.platform === 'win32';
const SCRIPTS = ON_WINDOWS ? 'Scripts' : 'bin';
const SUFFIXES = ON_WINDOWS ? ['.exe', '.cmd', '.bat'] : [''];
const ENVIRONMENTS = ['.venv', 'venv'];
const REQUIREMENT = `slspack[watch]==${version}`;

/**
 * The slspack to use: the one that the service names, the one of its virtual environment, the one of the active one, the
 * one on PATH; else the one of this plugin's version by uvx or pipx.
 *
 * @param {object} where
 * @param {string} where.folder the service's
 * @param {string | string[]} [where.configured] `custom.slspack.command`
 * @param {NodeJS.ProcessEnv} where.environment
 * @returns {Command}
 */
function findSlspack({ folder, configured, environment }) {
  if (configured) return fromSetting(configured, folder);
  for (const scripts of scriptFolders(folder, environment)) {
    const file = executable(scripts, 'slspack');
    if (file) return { file, args: [] };
  }
  const onPath = (environment.PATH || environment.Path || '').split(path.delimiter).filter(Boolean);
  const found = (/** @type {string} */ name) => onPath.map((each) => executable(each, name)).find(Boolean);
  const own = found('slspack');
  if (own) return { file: own, args: [] };
  const uvx = found('uvx');
  if (uvx) return { file: uvx, args: ['--from', REQUIREMENT, 'slspack'] };
  const pipx = found('pipx');
  if (pipx) return { file: pipx, args: ['run', '--spec', REQUIREMENT, 'slspack'] };
  const { SlspackFailure } = require('./hook');
  throw new SlspackFailure(
    [
      'slspack, which bundles this service\'s Python functions, is not installed.',
      `Install it where the service's other Python tools are: \`pip install '${REQUIREMENT}'\`.`,
      'It is looked for in .venv (of the service or a folder above it), the active virtual environment and PATH; then for uvx and pipx, which',
      'fetch it. `custom.slspack.command` names it where it is somewhere else.',
    ].join('\n'),
  );
}

/**
 * @param {string | string[]} configured a list, or words
 * @param {string} folder
 * @returns {Command}
 */
function fromSetting(configured, folder) {
  const [file, ...args] = Array.isArray(configured) ? configured.map(String) : configured.trim().split(/\s+/);
  // As in a shell: a name is looked for on PATH, a path is relative to where the service is.
  return { file: /[\\/]/.test(file) ? path.resolve(folder, file) : file, args };
}

/**
 * Where virtual environments keep their commands: the service's and those of folders above it, up to the repository's.
 *
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} environment
 */
function scriptFolders(folder, environment) {
  /** @type {string[]} */
  const found = [];
  for (let here = path.resolve(folder); ; here = path.dirname(here)) {
    found.push(...ENVIRONMENTS.map((name) => path.join(here, name, SCRIPTS)));
    if (fs.existsSync(path.join(here, '.git')) || here === path.dirname(here)) break;
  }
  if (environment.VIRTUAL_ENV) found.push(path.join(environment.VIRTUAL_ENV, SCRIPTS));
  return found;
}

/**
 * @param {string} folder
 * @param {string} name
 * @returns {string | undefined}
 */
function executable(folder, name) {
  return SUFFIXES.map((suffix) => path.join(folder, name + suffix)).find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return fs.statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

module.exports = { findSlspack };
