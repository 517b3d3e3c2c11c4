// Builds everything the browser needs into static/built/: one style sheet, our scripts, fonts, icons.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { compile } from "sass"

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, "../../../..")
const modules = join(root, "node_modules")
const out = join(here, "../static/built")

const fonts = ["400-normal", "400-italic", "600-normal", "700-normal"].flatMap((face) =>
  ["latin", "latin-ext"].map((script) => `source-sans-3-${script}-${face}.woff2`),
)

const style = compile(join(here, "frankpledge.scss"), {
  loadPaths: [root],
  style: "compressed",
  quietDeps: true,
  silenceDeprecations: ["import"],
}).css
for (const unwanted of ["GDS Transport", "crown"]) {
  if (style.includes(unwanted)) throw new Error(`The style sheet must not use ${unwanted}.`)
}

rmSync(out, { recursive: true, force: true })
for (const folder of ["fonts", "images"]) mkdirSync(join(out, folder), { recursive: true })
writeFileSync(join(out, "frankpledge.css"), style)
for (const script of ["ready.js", "frankpledge.js", "map.js"]) cpSync(join(here, script), join(out, script))
cpSync(join(here, "favicon.svg"), join(out, "images/favicon.svg"))
// Without its map a script must not name one: browsers would ask for it.
for (const script of [
  "govuk-frontend/dist/govuk/govuk-frontend.min.js",
  "maplibre-gl/dist/maplibre-gl.mjs",
  "maplibre-gl/dist/maplibre-gl-worker.mjs",
  "pmtiles/dist/pmtiles.js",
]) {
  const text = readFileSync(join(modules, script), "utf8")
  writeFileSync(join(out, basename(script)), text.replace(/\/\/# sourceMappingURL=.*$/m, ""))
}
cpSync(join(modules, "maplibre-gl/dist/maplibre-gl.css"), join(out, "maplibre-gl.css"))
for (const [, icon] of style.matchAll(/url\(images\/([^)]+)\)/g)) {
  cpSync(join(modules, "@ministryofjustice/frontend/moj/assets/images", icon), join(out, "images", icon))
}
for (const font of fonts) {
  cpSync(join(modules, "@fontsource/source-sans-3/files", font), join(out, "fonts", font))
}
console.log("Front end built.")
