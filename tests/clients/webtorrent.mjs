// webtorrent in node, over WebRTC alone: webtorrent.mjs TORRENT FOLDER
// Takes what FOLDER has of the torrent, fetches the rest, and stays until killed. Says on each line what has happened.
import fs from 'fs'
import WebTorrent from 'webtorrent'

const [torrentFile, folder] = process.argv.slice(2)
const client = new WebTorrent({ dht: false, lsd: false, utp: false, natUpnp: false, natPmp: false, tcpPort: 0 })
client.on('error', error => { console.log('error', error.message); process.exit(1) })
const torrent = client.add(fs.readFileSync(torrentFile), { path: folder })
torrent.on('wire', wire => console.log('wire', wire.type))
torrent.on('warning', warning => console.log('warning', warning.message))
torrent.on('done', () => console.log('done', torrent.length))
