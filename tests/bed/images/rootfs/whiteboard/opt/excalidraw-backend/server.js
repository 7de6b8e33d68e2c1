// Stands for excalidraw-backend: what it says on port 80, and strokes passed on to the others of a room.
const http = require('http');
const packages = '/opt/etherpad-lite/src/node_modules/';

const server = http.createServer((request, response) => response.end('Excalidraw backend is up :)'));
const sockets = require(packages + 'socket.io')(server);

sockets.on('connection', socket => {
    socket.emit('init-room');
    socket.on('join-room', room => {
        socket.join(room);
        socket.broadcast.to(room).emit('new-user', socket.id);
    });
    socket.on('server-broadcast', (room, data, iv) => socket.broadcast.to(room).emit('client-broadcast', data, iv));
});
server.listen(process.env.PORT || 80);
