// @ts-check
'use strict';

const FUNCTION = { usage: 'The function', shortcut: 'f', type: 'string' };

/**
 * @param {string} usage
 * @param {string} name
 * @param {object} [options]
 */
function command(usage, name, options = {}) {
  return { usage, lifecycleEvents: [name], options };
}

const REQUIREMENTS = {
  usage: 'Fetch what the functions require, or forget it',
  commands: {
    install: command('Resolve the requirements, and fetch what the functions need of them', 'install'),
    clean: command('Forget what was resolved', 'clean'),
    cleanCache: command('Remove the wheels that slspack keeps for all services', 'cleanCache'),
  },
};

/**
 * The commands that the plugin adds.
 *
 * @param {object} which
 * @param {boolean} which.requirements whether `sls requirements` is free
 */
function commands({ requirements }) {
  return {
    slspack: {
      usage: 'Bundle Python functions',
      commands: {
        build: command('Build the artifacts without deploying', 'build', { function: FUNCTION }),
        analyze: command('Show what the artifacts hold, and how large it is', 'analyze', { function: FUNCTION }),
        explain: command('Say why a distribution, module or file is in a function, or why it is not', 'explain', {
          function: { ...FUNCTION, required: true },
          name: { usage: 'The distribution, module or file', shortcut: 'n', type: 'string', required: true },
        }),
        clean: command('Remove artifacts, and what builds have kept', 'clean'),
        requirements: REQUIREMENTS,
      },
    },
    ...(requirements ? { requirements: REQUIREMENTS } : {}),
  };
}

module.exports = { commands };
