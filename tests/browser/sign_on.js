// What Jitsi's page does for one who logs in: where it sends people, and the way into a room with the token they bring.

// The room is the last part of the address, as it is escaped there, without what the page takes out of a name; it goes
// into the address of the sign-on, which is config.js's own, as it is, and into a state with its form for Prosody.
const named = () => location.pathname.split('/').map(part => part.replace(/[:?#[\]@!$&'()*+,;=></"]/g, ''));
const safe = room => encodeURIComponent(decodeURIComponent(room).normalize('NFKC').toLowerCase()).toLowerCase();

window.signOn = (room = named().pop(), tenant = named().slice(1, -1).join('/') || undefined) => {
    const state = {room, roomSafe: safe(room), tenant, 'config.prejoinConfig.enabled': false, 'config.subject': ''};
    location.href = config.tokenAuthUrl
        .replace('{state}', encodeURIComponent(JSON.stringify(state)))
        .replace('{room}', room);
};

// A session of XMPP over the page's websocket, by the token where there is one, else as a guest where that is asked for;
// resolves to "entered", or to what kept out. It stays open until leave().
window.enter = (room, token, guest) => new Promise(resolve => {
    const address = new URL(config.websocket);
    address.searchParams.set('room', safe(room));
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
            const to = `${safe(room)}@${config.hosts.muc}/${crypto.randomUUID()}`;
            connection.send($pres({to}).c('x', {xmlns: Strophe.NS.MUC}));
        } else if (status === Strophe.Status.AUTHFAIL) {
            resolve('refused');
        } else if (status === Strophe.Status.CONNFAIL) {
            resolve('no connection');
        }
    });
});
