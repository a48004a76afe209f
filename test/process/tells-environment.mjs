// Answers every request with the names of its environment variables.
process.on('message', () => process.send({ result: Object.keys(process.env) }));
