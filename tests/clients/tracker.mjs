// npm's bittorrent-tracker on a port of loopback, over UDP, HTTP and WebSocket: tracker.mjs PORT
import { Server } from 'bittorrent-tracker'

const tracker = new Server({ udp: true, http: true, ws: true, stats: false, interval: 900000, trustProxy: false })
tracker.on('error', error => { console.error(error); process.exit(1) })
tracker.on('warning', () => {})
tracker.listen(Number(process.argv[2]), { http: '127.0.0.1', udp4: '127.0.0.1', udp6: '::1' })
