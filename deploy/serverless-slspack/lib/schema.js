// @ts-check
'use strict';

const { packagesItself, pluginsOf } = require('./service');
const settings = require('./settings.json');

/** Function keys that slspack reads, and which other plugin defines each, too. */
const FUNCTION_KEYS = { module: 'serverless-python-requirements', entrypoint: 'serverless-webpack' };
/** What Lambda has and version 3 of the Framework does not know yet. */
const NEWER_RUNTIMES = ['python3.12', 'python3.13', 'python3.14'];

/**
 * Tell the Framework which keys are slspack's, so that it does not warn of them. What may stand in them slspack checks
 * itself.
 *
 * @param {import('./types').Serverless} serverless
 */
function defineSchema(serverless) {
  const handler = serverless.configSchemaHandler;
  if (!handler || !handler.defineCustomProperties) return;
  const pythonRequirements = { anyOf: [{ type: 'object' }, { type: 'boolean' }] };
  handler.defineCustomProperties({ type: 'object', properties: { slspack: settings.service, pythonRequirements } });
  const plugins = [...pluginsOf(serverless), ...(packagesItself(serverless) ? ['serverless-python-requirements'] : [])];
  const free = Object.entries(FUNCTION_KEYS).filter(([, plugin]) => !plugins.includes(plugin));
  const texts = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] };
  handler.defineFunctionProperties(serverless.service.provider.name, {
    type: 'object',
    properties: { slspack: settings.function, vendor: texts, ...Object.fromEntries(free.map(([key]) => [key, texts])) },
  });
  const known = ((handler.schema || {}).definitions || {}).awsLambdaRuntime;
  if (known && Array.isArray(known.enum) && !Object.isFrozen(known.enum)) {
    known.enum.push(...NEWER_RUNTIMES.filter((runtime) => !known.enum.includes(runtime)));
  }
}

module.exports = { defineSchema };
