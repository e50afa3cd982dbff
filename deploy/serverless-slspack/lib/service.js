// @ts-check
'use strict';

/** The protocol of `slspack hook serverless` that this plugin speaks. */
const PROTOCOL = 1;

/**
 * @typedef {import('./types').Serverless} Serverless
 * @typedef {import('./types').FunctionObject} FunctionObject
 */

/**
 * Whether a function is one that slspack bundles: what of it is left alone, slspack says itself.
 *
 * @param {Serverless} serverless
 * @param {FunctionObject} one
 */
function isBundled(serverless, one) {
  const runtime = one.runtime || serverless.service.provider.runtime;
  return !one.image && typeof runtime === 'string' && runtime.startsWith('python');
}

/**
 * The names of the functions that slspack bundles.
 *
 * @param {Serverless} serverless
 */
function ownFunctions(serverless) {
  const functions = serverless.service.functions || {};
  return Object.keys(functions).filter((name) => isBundled(serverless, functions[name]));
}

/**
 * What slspack is told of the service: as the Framework has resolved it and other plugins have changed it.
 *
 * @param {Serverless} serverless
 * @param {import('./types').Options} options
 * @param {Map<string, any>} before the packages of functions and layers as they were before their artifacts were set
 */
function handedOver(serverless, options, before) {
  const { service } = serverless;
  const { name, runtime, architecture, layers: attached, environment } = service.provider;
  const { slspack, pythonRequirements, datadog } = service.custom || {};
  const written = (serverless.configurationInput && serverless.configurationInput.package) || {};
  const functions = Object.entries(service.functions || {}).map(([key, one]) => [
    key,
    before.has(key) ? { ...one, package: before.get(key) } : one,
  ]);
  // Without a folder it is one that slspack has declared itself.
  const layers = Object.entries(service.layers || {})
    .filter(([, layer]) => layer && layer.path)
    .map(([key, layer]) => [key, before.has(layerKey(key)) ? { ...layer, package: before.get(layerKey(key)) } : layer]);
  return {
    protocol: PROTOCOL,
    servicePath: serverless.serviceDir,
    configurationFile: serverless.configurationFilename || 'serverless.yml',
    stage: options.stage || service.provider.stage || 'dev',
    service: {
      service: service.service,
      provider: { name, runtime, architecture, layers: attached, environment },
      // An artifact that is not in the file is another plugin's, of other functions.
      package: { ...service.package, artifact: written.artifact },
      custom: { slspack, pythonRequirements, datadog },
      plugins: pluginsOf(serverless),
      functions: Object.fromEntries(functions),
      layers: Object.fromEntries(layers),
    },
  };
}

/**
 * Where the package of a layer, as it was, is kept among those of functions.
 *
 * @param {string} name
 */
function layerKey(name) {
  return `layer ${name}`;
}

/**
 * The names of the plugins that the service lists.
 *
 * @param {Serverless} serverless
 * @returns {string[]}
 */
function pluginsOf(serverless) {
  const { plugins } = serverless.service;
  return (Array.isArray(plugins) ? plugins : plugins && plugins.modules) || [];
}

/**
 * Whether version 4 of the Framework packages requirements itself, as serverless-python-requirements does: where that
 * plugin's options are set, unless they say `enabled: false`.
 *
 * @param {Serverless} serverless
 */
function packagesItself(serverless) {
  const { pythonRequirements } = serverless.service.custom || {};
  if (!/^([4-9]|\d\d)/.test(serverless.version || '') || !pythonRequirements) return false;
  return pythonRequirements.enabled !== false;
}

module.exports = { PROTOCOL, handedOver, isBundled, layerKey, ownFunctions, packagesItself, pluginsOf };
