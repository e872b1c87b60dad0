import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const modules = join(here, 'node_modules')

/** One SVG with a symbol for each icon named in src/icons.json, and the licence of the icons. */
function sprite () {
  const names = JSON.parse(readFileSync(join(here, 'src/icons.json'), 'utf8'))
  const licence = readFileSync(join(modules, 'lucide-static/LICENSE'), 'utf8').replaceAll('--', '- -')
  const symbols = names.map(name => {
    const svg = readFileSync(join(modules, 'lucide-static/icons', `${name}.svg`), 'utf8')
    const shapes = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'))
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
      `stroke-linecap="round" stroke-linejoin="round">${shapes.replaceAll(/\s+/g, ' ').trim()}</symbol>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- Lucide\n${licence}-->\n${symbols.join('\n')}\n</svg>\n`
}

/** The sprite, in the manifest as icons.svg. */
function icons () {
  return {
    name: 'sprite',
    buildStart () {
      this.emitFile({ type: 'asset', name: 'icons.svg', originalFileName: 'icons.svg', source: sprite() })
    }
  }
}

export default {
  root: here,
  base: '/assets/',
  publicDir: false,
  plugins: [icons()],
  build: {
    outDir: join(here, '../assets'),
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome120', 'firefox120', 'safari17'],
    manifest: 'manifest.json',
    assetsInlineLimit: 0,
    assetsDir: '',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input: {
        style: join(here, 'src/style.css'),
        main: join(here, 'src/main.js'),
        watch: join(here, 'src/watch.js'),
        upload: join(here, 'src/upload.js'),
        sw: join(here, 'src/sw.js')
      },
      output: {
        entryFileNames: chunk => chunk.name === 'sw' ? 'sw.min.js' : '[name]-[hash].js',
        chunkFileNames: '[name]-[hash].js',
        assetFileNames: '[name]-[hash][extname]'
      }
    }
  }
}
