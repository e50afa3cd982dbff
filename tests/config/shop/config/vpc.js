module.exports = { dev: {}, staging: {}, prod: {} };
