'use strict';
// GET /health: Etherpad 2.0.3 has it, 1.8.14 has not.
exports.expressCreateServer = (hookName, {app}) => {
  app.get('/health', (req, res) => {
    res.set('Content-Type', 'application/health+json');
    res.json({status: 'pass'});
  });
};
