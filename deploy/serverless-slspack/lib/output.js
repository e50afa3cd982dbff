// @ts-check
'use strict';

/**
 * The log API for a Framework that gives its plugins none: everything by its old one, or the console.
 *
 * @param {import('./types').Serverless} serverless
 * @returns {import('./types').Utils}
 */
function fallbackUtils(serverless) {
  const isVerbose = Boolean(process.env.SLS_DEBUG) || process.argv.includes('--verbose');
  const write = (/** @type {string} */ text) =>
    serverless.cli && serverless.cli.log ? serverless.cli.log(text, 'slspack') : process.stderr.write(`${text}\n`);
  const nothing = () => {};
  return {
    log: {
      error: write,
      warning: write,
      notice: write,
      info: isVerbose ? write : nothing,
      debug: process.env.SLS_DEBUG ? write : nothing,
    },
    writeText: (text) => process.stdout.write(`${text}\n`),
  };
}

module.exports = { fallbackUtils };
