// @ts-check
'use strict';

const fs = require('fs');
const path = require('path');

const { layerKey } = require('./service');

/**
 * Tell the Framework of artifacts, so that it has nothing left to zip.
 *
 * They are copied to `.serverless`, where it looks for what has changed since the last deployment, and from where it takes
 * what `--package` keeps.
 *
 * @param {import('./types').Serverless} serverless
 * @param {import('./types').Answer} answer
 * @param {Map<string, any>} before gets the packages of functions and layers as they are now
 */
async function place(serverless, answer, before) {
  const { service } = serverless;
  const folder = path.join(serverless.serviceDir, '.serverless');
  await fs.promises.mkdir(folder, { recursive: true });
  /** @type {Map<string, Promise<string>>} */
  const copies = new Map();
  const copied = (/** @type {string} */ artifact, prefix = '') => {
    const source = path.resolve(serverless.serviceDir, artifact);
    const copy = copies.get(source) || copyInto(folder, source, prefix);
    copies.set(source, copy);
    return copy;
  };
  for (const [name, built] of Object.entries(answer.functions || {})) {
    const one = service.getFunction(name);
    if (!before.has(name)) before.set(name, one.package);
    one.package = { ...one.package, artifact: said(serverless, await copied(built.artifact)) };
    if (built.individually) one.package.individually = true;
  }
  for (const [name, built] of Object.entries(answer.layers || {})) {
    const layer = declared(service, name, built);
    if (!before.has(layerKey(name))) before.set(layerKey(name), layer.package);
    layer.package = { ...layer.package, artifact: said(serverless, await copied(built.artifact, 'layer-')) };
  }
  const shared = sharedArtifact(service);
  if (shared) service.package.artifact = shared;
}

/**
 * A layer of the service's. One that slspack makes of distributions is told to the Framework, and given to its functions.
 *
 * @param {import('./types').Service} service
 * @param {string} name
 * @param {import('./types').Built} built
 */
function declared(service, name, built) {
  if (built.declaration) {
    service.layers = { ...service.layers, [name]: { ...built.declaration } };
    for (const user of built.functions || []) {
      const one = service.getFunction(user);
      const layers = one.layers || service.provider.layers || [];
      const given = layers.some((each) => each && typeof each === 'object' && each.Ref === built.reference);
      if (!given) one.layers = [...layers, { Ref: built.reference }];
    }
  }
  return service.getLayer(name);
}

/**
 * Let functions refer to layers that are retained by the names that their resources have: the Framework gives each version
 * one of its own, and leaves references as they are.
 *
 * @param {import('./types').Service} service
 */
function followRetained(service) {
  const { Resources = {} } = service.provider.compiledCloudFormationTemplate || {};
  const retained = Object.keys(Resources).filter(
    (id) => Resources[id].Type === 'AWS::Lambda::LayerVersion' && Resources[id].DeletionPolicy === 'Retain',
  );
  const named = (/** @type {any} */ layer) => {
    const reference = layer && typeof layer === 'object' ? layer.Ref : undefined;
    if (typeof reference !== 'string' || reference in Resources) return layer;
    const id = retained.find((each) => each.startsWith(reference) && /^[0-9a-f]{40}$/.test(each.slice(reference.length)));
    return id ? { Ref: id } : layer;
  };
  for (const one of [service.provider, ...Object.values(service.functions || {})]) {
    if (Array.isArray(one.layers)) one.layers = one.layers.map(named);
  }
}

/**
 * The artifact of the service's package, if all functions that share that are slspack's.
 *
 * @param {import('./types').Service} service
 * @returns {string | undefined}
 */
function sharedArtifact(service) {
  if (service.package && service.package.individually) return undefined;
  const sharing = Object.values(service.functions || {}).filter((one) => {
    const { individually = false, disable = false } = one.package || {};
    return !one.image && !individually && !disable;
  });
  const artifacts = new Set(sharing.map((one) => one.package && one.package.artifact));
  return artifacts.size === 1 ? [...artifacts][0] : undefined;
}

/**
 * @param {string} folder
 * @param {string} source
 * @param {string} prefix of the copy's name: a layer may be called what a function is
 */
async function copyInto(folder, source, prefix) {
  const copy = path.join(folder, `${prefix}${path.basename(source)}`);
  await fs.promises.rm(copy, { force: true });
  await fs.promises.copyFile(source, copy, fs.constants.COPYFILE_FICLONE);
  return copy;
}

/**
 * A path as the Framework keeps it in its state, which is part of what it compares with the last deployment: relative,
 * so that it is the same wherever the service is checked out.
 *
 * @param {import('./types').Serverless} serverless
 * @param {string} file
 */
function said(serverless, file) {
  const folder = path.resolve(serverless.serviceDir);
  return process.cwd() === folder ? path.relative(folder, file) : file;
}

module.exports = { followRetained, place };
