// A map to move about in, beside the picture that is always there. Fetched only by who asks for it.
const holder = document.querySelector("[data-map]")
const [opener, body] = ["[data-map-open]", "[data-map-body]"].map((part) => holder.querySelector(part))
const [picture, list, said, legend] = ["picture", "list", "said", "legend"].map((part) =>
  holder.querySelector(`[data-map-${part}]`),
)
const CANNOT = "The map cannot be drawn here. The picture above and its table show the same."

const styled = (href) =>
  new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href })
    link.addEventListener("load", resolve)
    link.addEventListener("error", reject)
    document.head.append(link)
  })

const address = (tile) => `data:image/svg+xml,${encodeURIComponent(tile)}`

const painted = (tile) =>
  new Promise((resolve, reject) => {
    const image = new Image()
    image.addEventListener("load", () => resolve(image))
    image.addEventListener("error", reject)
    image.src = address(tile)
  })

const corners = (geometry) => {
  const points = geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2)
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]))
  return [
    [Math.min(...xs), Math.min(...ys)],
    [Math.max(...xs), Math.max(...ys)],
  ]
}

const script = (src) =>
  new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src })
    element.addEventListener("load", resolve)
    element.addEventListener("error", reject)
    document.head.append(element)
  })

// What an administrator laid under maps: lines and names, whatever their file calls them.
const lay = async (map, library) => {
  const { mapGround, mapGroundKind, mapTiles } = holder.dataset
  if (!mapGround) return
  const url = new URL(mapGround, window.location.href).href
  const lines = { type: "line", source: "ground", paint: { "line-color": "#505a5f" } }
  const names = {
    type: "symbol",
    source: "ground",
    layout: {
      "text-field": ["coalesce", ["get", "name"], ["get", "ref"], ""],
      "text-size": 12,
      "text-font": ["Arial"],
      "symbol-placement": "line",
    },
    paint: { "text-color": "#505a5f", "text-halo-color": "#ffffff", "text-halo-width": 2 },
  }
  if (mapGroundKind === "geojson") {
    map.addSource("ground", { type: "geojson", data: url })
    for (const [id, layer] of [["lines", lines], ["line names", names]]) map.addLayer({ id, ...layer })
    return
  }
  await script(mapTiles)
  const { PMTiles, Protocol } = window.pmtiles
  const [protocol, tiles] = [new Protocol(), new PMTiles(url)]
  protocol.add(tiles)
  library.addProtocol("pmtiles", protocol.tile)
  const { vector_layers: layers = [] } = await tiles.getMetadata()
  map.addSource("ground", { type: "vector", url: `pmtiles://${url}` })
  for (const { id } of layers) {
    map.addLayer({ id: `lines ${id}`, "source-layer": id, ...lines })
    map.addLayer({ id: `names ${id}`, "source-layer": id, ...names })
  }
}

const open = async () => {
  const { mapLibrary, mapWorker, mapStyle } = holder.dataset
  const [library, answer] = await Promise.all([
    import(mapLibrary),
    fetch(holder.dataset.map, { headers: { Accept: "application/json" } }),
    styled(mapStyle),
  ])
  if (!answer.ok) throw new Error(answer.statusText)
  const { heading, attribution, classes, areas } = await answer.json()
  library.setWorkerUrl(new URL(mapWorker, window.location.href).href)
  const map = new library.Map({
    container: picture,
    style: { version: 8, sources: {}, layers: [] },
    bounds: areas.features.reduce(
      (bounds, { geometry }) => corners(geometry).reduce((all, point) => all.extend(point), bounds),
      new library.LngLatBounds(),
    ),
    fitBoundsOptions: { padding: 16 },
    attributionControl: attribution ? { compact: false, customAttribution: attribution } : false,
    cooperativeGestures: true,
    dragRotate: false,
    pitchWithRotate: false,
  })
  map.touchZoomRotate.disableRotation()
  map.addControl(new library.NavigationControl({ showCompass: false }))
  await new Promise((resolve, reject) => {
    map.once("load", resolve)
    map.once("error", ({ error }) => reject(error))
  })
  const number = ["get", "class"]
  for (const [index, { tile, label, areas: count }] of classes.entries()) {
    map.addImage(`class-${index}`, await painted(tile), { pixelRatio: 4 })
    const swatch = Object.assign(document.createElement("span"), { className: "fp-map__tile" })
    swatch.style.backgroundImage = `url("${address(tile)}")`
    const row = document.createElement("li")
    row.append(swatch, ` ${label} (${count})`)
    legend.append(row)
  }
  map.addSource("areas", { type: "geojson", data: areas })
  map.addLayer({
    id: "areas",
    type: "fill",
    source: "areas",
    paint: { "fill-pattern": ["concat", "class-", number] },
  })
  // The map of figures stands without its ground.
  await lay(map, library).catch(() => {})
  const edges = { id: "edges", type: "line", source: "areas" }
  map.addLayer({ ...edges, paint: { "line-color": "#ffffff", "line-width": 1 } })
  const nobody = ["==", ["id"], -1]
  for (const [id, colour, width] of [["halo", "#ffdd00", 7], ["picked", "#0b0c0c", 3]]) {
    const paint = { "line-color": colour, "line-width": width }
    map.addLayer({ ...edges, id, paint, filter: nobody })
  }
  map.addLayer({
    id: "names",
    type: "symbol",
    source: "areas",
    layout: { "text-field": ["get", "name"], "text-size": 13, "text-font": ["Arial"] },
    paint: { "text-color": "#0b0c0c", "text-halo-color": "#ffffff", "text-halo-width": 2 },
  })

  // One choice, made on the map, in the list or in the table, and told in words.
  const figures = [...document.querySelectorAll("#figures tbody th")]
  const pick = (feature, { move }) => {
    list.value = feature ? feature.id : ""
    for (const id of ["halo", "picked"]) {
      map.setFilter(id, feature ? ["==", ["id"], feature.id] : nobody)
    }
    for (const cell of figures) {
      const mine = feature && cell.textContent.trim() === feature.properties.name
      cell.closest("tr").classList.toggle("fp-picked", Boolean(mine))
    }
    said.textContent = feature ? `${feature.properties.said}, ${heading.toLowerCase()}` : "Nothing is picked."
    if (feature && move) map.fitBounds(corners(feature.geometry), { padding: 60, maxZoom: 13 })
  }
  const known = new Map(areas.features.map((feature) => [String(feature.id), feature]))
  for (const [id, feature] of known) list.append(new Option(feature.properties.name, id))
  list.addEventListener("change", () => pick(known.get(list.value), { move: true }))
  map.on("click", ({ point }) => {
    const [found] = map.queryRenderedFeatures(point, { layers: ["areas"] })
    pick(found && known.get(String(found.id)), { move: false })
  })
  for (const cell of figures) {
    const feature = areas.features.find((each) => each.properties.name === cell.textContent.trim())
    if (feature) cell.addEventListener("click", () => pick(feature, { move: true }))
  }
  map.getCanvas().setAttribute("aria-label", `Map: ${heading}. Arrow keys move it, + and - zoom.`)
  picture.dataset.ready = ""
}

opener.addEventListener("click", async () => {
  opener.hidden = true
  body.hidden = false
  list.focus()
  try {
    await open()
  } catch {
    picture.hidden = true
    said.textContent = CANNOT
  }
})
holder.hidden = false
