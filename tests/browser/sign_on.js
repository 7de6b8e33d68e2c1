// What Jitsi's page does for one who logs in: where it sends people, and the way into a room with the token they bring.

// The address is config.js's own.
window.signOn = (room, tenant) => {
    location.href = config.tokenAuthUrl
        .replace('{room}', encodeURIComponent(room))
        .replace('{state}', encodeURIComponent(JSON.stringify({room, tenant, 'config.prejoinConfig.enabled': false})));
};

// A session of XMPP over the page's websocket, by the token where there is one, else as a guest where there is a domain
// for guests; resolves to "entered", or to what kept out. It stays open until leave().
window.enter = (room, token, guest) => new Promise(resolve => {
    const address = new URL(config.websocket);
    address.searchParams.set('room', room);
    if (token) {
        address.searchParams.set('token', token);
    }
    const connection = new Strophe.Connection(address.href);
    window.leave = () => connection.disconnect();
    connection.addHandler(presence => {
        if (presence.getAttribute('type') === 'error') {
            resolve(presence.querySelector('error > *').tagName);
        } else if (presence.querySelector('status[code="110"]')) {
            resolve('entered');
        }
        return true;
    }, null, 'presence');
    connection.connect(guest ? config.hosts.anonymousdomain : config.hosts.domain, null, status => {
        if (status === Strophe.Status.CONNECTED) {
            const to = `${encodeURIComponent(room.toLowerCase()).toLowerCase()}@${config.hosts.muc}/${crypto.randomUUID()}`;
            connection.send($pres({to}).c('x', {xmlns: Strophe.NS.MUC}));
        } else if (status === Strophe.Status.AUTHFAIL) {
            resolve('refused');
        } else if (status === Strophe.Status.CONNFAIL) {
            resolve('no connection');
        }
    });
});
