"""What the rooms are built of: boxes, turned shapes, cloth, leaves, materials, light and a camera, in Blender.

Metres. x points right, y away from the camera, z up; the camera stands near y = 0 at the height of seated eyes.
"""

import math
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import bpy
import cv2
import numpy as np

Point = tuple[float, float, float]
EYES = 1.22


def empty() -> None:
    """Begin a scene without anything in it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True


def surroundings(colour: str, strength: float) -> None:
    """Even light from everywhere."""
    background = bpy.context.scene.world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = rgba(colour)
    background.inputs["Strength"].default_value = strength


def rgba(text: str) -> tuple[float, float, float, float]:
    """The linear light of an sRGB colour such as "#a0522d", for Blender."""
    srgb = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in srgb)
    return r, g, b, 1.0


class Material:
    """A principled material that grows by method calls."""

    def __init__(self, colour: str, rough: float = 0.6, metal: float = 0.0, sheen: float = 0.0) -> None:
        self.made = bpy.data.materials.new("material")
        self.made.use_nodes = True
        self.tree = self.made.node_tree
        self.shader = self.tree.nodes["Principled BSDF"]
        self.set("Base Color", rgba(colour))
        self.set("Roughness", rough)
        self.set("Metallic", metal)
        self.set("Sheen Weight", sheen)

    def set(self, name: str, value: Any) -> "Material":
        """Set an input of the principled shader."""
        self.shader.inputs[name].default_value = value
        return self

    def node(self, kind: str, **inputs: Any) -> Any:
        """A new node with its inputs set or linked; a name's _ is a space."""
        node = self.tree.nodes.new(kind)
        for name, value in inputs.items():
            where = node.inputs[name.replace("_", " ")]
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, where)
            else:
                where.default_value = value
        return node

    def link(self, output: Any, name: str) -> None:
        self.tree.links.new(output, self.shader.inputs[name])

    def noise(self, scale: float, stretch: Point = (1, 1, 1), detail: float = 6, distort: float = 0.0) -> Any:
        """0 to 1, the same for an object wherever it stands."""
        place = self.node("ShaderNodeTexCoord").outputs["Object"]
        mapped = self.node("ShaderNodeMapping", Vector=place, Scale=stretch).outputs["Vector"]
        texture = self.node(
            "ShaderNodeTexNoise", Vector=mapped, Scale=scale, Detail=detail, Distortion=distort
        )
        return texture.outputs["Fac"]

    def colours(self, factor: Any, stops: Sequence[tuple[float, str]]) -> Any:
        """Colours along a value."""
        ramp = self.node("ShaderNodeValToRGB", Fac=factor)
        elements = ramp.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (at, colour) in zip(elements, stops, strict=True):
            element.position, element.color = at, rgba(colour)
        return ramp.outputs["Color"]

    def bump(self, factor: Any, distance: float) -> "Material":
        """Raise the surface by a value, distance in metres."""
        bump = self.node("ShaderNodeBump", Height=factor, Distance=distance, Strength=1.0)
        self.link(bump.outputs["Normal"], "Normal")
        return self


def plaster(colour: str, shade: str, relief: float = 0.0015) -> Material:
    """A painted wall: two shades of a colour in clouds, and a fine relief."""
    made = Material(colour, 0.85)
    made.link(
        made.colours(made.noise(0.7, detail=4, distort=0.6), [(0.3, shade), (0.7, colour)]), "Base Color"
    )
    return made.bump(made.noise(45, detail=9), relief)


def wood(light: str, dark: str, along: int = 0, rough: float = 0.42) -> Material:
    """Wood whose grain runs along an axis."""
    made = Material(light, rough)
    stretch = [14.0, 14.0, 14.0]
    stretch[along] = 0.8
    grain = made.noise(1.6, tuple(stretch), detail=10, distort=1.2)  # type: ignore[arg-type]
    made.link(made.colours(grain, [(0.32, dark), (0.52, light), (0.75, dark)]), "Base Color")
    return made.bump(grain, 0.0006)


def planks(light: str, dark: str) -> Material:
    """A floor of boards that run away from the camera, each of its own shade."""
    made = Material(light, 0.38)
    place = made.node("ShaderNodeTexCoord").outputs["Object"]
    turned = made.node("ShaderNodeMapping", Vector=place, Rotation=(0, 0, math.pi / 2)).outputs["Vector"]
    boards = made.node(
        "ShaderNodeTexBrick", Vector=turned, Color1=rgba(light), Color2=rgba(dark), Mortar=rgba("#241a12"),
        Scale=1.0, Mortar_Size=0.0025, Brick_Width=1.5, Row_Height=0.14, Bias=0.0,
    )  # fmt: skip
    grain = made.colours(
        made.noise(1.5, (16, 0.9, 1), detail=9, distort=1), [(0.3, "#b9a58d"), (0.7, "#ffffff")]
    )
    mix = made.node("ShaderNodeMixRGB", Fac=0.75, Color1=boards.outputs["Color"], Color2=grain)
    mix.blend_type = "MULTIPLY"
    made.link(mix.outputs["Color"], "Base Color")
    return made


def bricks(light: str, dark: str, mortar: str) -> Material:
    """A wall of bricks that faces the camera."""
    made = Material(light, 0.9)
    place = made.node("ShaderNodeTexCoord").outputs["Object"]
    upright = made.node("ShaderNodeMapping", Vector=place, Rotation=(-math.pi / 2, 0, 0)).outputs["Vector"]
    wall = made.node(
        "ShaderNodeTexBrick", Vector=upright, Color1=rgba(light), Color2=rgba(dark), Mortar=rgba(mortar),
        Scale=1.0, Mortar_Size=0.006, Brick_Width=0.24, Row_Height=0.075, Mortar_Smooth=0.3,
    )  # fmt: skip
    made.link(wall.outputs["Color"], "Base Color")
    return made.bump(made.node("ShaderNodeMath", Value=wall.outputs["Fac"]).outputs[0], -0.006)


def glow(colour: str, strength: float) -> Material:
    """A surface that shines."""
    made = Material("#000000")
    return made.set("Emission Color", rgba(colour)).set("Emission Strength", strength)


def cloth(colour: str, through: float) -> Material:
    """Thin cloth, paper or a leaf: light shines through it."""
    made = Material(colour, 0.9)
    clear = made.node("ShaderNodeBsdfTranslucent", Color=rgba(colour)).outputs[0]
    mix = made.node("ShaderNodeMixShader", Fac=through)
    made.tree.links.new(made.shader.outputs[0], mix.inputs[1])
    made.tree.links.new(clear, mix.inputs[2])
    made.tree.links.new(mix.outputs[0], made.tree.nodes["Material Output"].inputs["Surface"])
    return made


def glass(colour: str = "#ffffff", rough: float = 0.0) -> Material:
    return Material(colour, rough).set("Transmission Weight", 1.0).set("IOR", 1.2)


def mesh(points: Any, faces: Any, material: Material, smooth: bool = False) -> Any:
    """An object of points (N, 3) and faces, each a list of indices."""
    data = bpy.data.meshes.new("mesh")
    data.from_pydata(
        [tuple(map(float, point)) for point in points], [], [tuple(map(int, face)) for face in faces]
    )
    data.update()
    if smooth:
        data.polygons.foreach_set("use_smooth", [True] * len(data.polygons))
    data.materials.append(material.made)
    made = bpy.data.objects.new("object", data)
    bpy.context.collection.objects.link(made)
    return made


def again(made: Any, at: Point, turn: Point = (0, 0, 0), size: float = 1.0) -> Any:
    """The same mesh in another place."""
    copy = bpy.data.objects.new("object", made.data)
    copy.location, copy.rotation_euler, copy.scale = at, turn, (size, size, size)
    bpy.context.collection.objects.link(copy)
    return copy


def box(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], material: Material,
        bevel: float = 0.004) -> Any:  # fmt: skip
    """A box between two values on each axis; its edges are round, as real ones are."""
    corner = np.array([(a, b, c) for a in (-0.5, 0.5) for b in (-0.5, 0.5) for c in (-0.5, 0.5)])
    size = np.array([x[1] - x[0], y[1] - y[0], z[1] - z[0]])
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    made = mesh(corner * size, faces, material)
    made.location = (sum(x) / 2, sum(y) / 2, sum(z) / 2)
    if bevel and bevel < size.min() / 2:
        edges = made.modifiers.new("bevel", "BEVEL")
        edges.width, edges.segments = bevel, 2
    return made


def turned(
    profile: Sequence[tuple[float, float]], material: Material, at: Point = (0, 0, 0), steps: int = 48
) -> Any:
    """A turned shape: (radius, height) from bottom to top, round the upright axis through at."""
    angles = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    points = [(r * np.cos(a), r * np.sin(a), z) for r, z in profile for a in angles]
    faces = [
        (i * steps + j, i * steps + (j + 1) % steps, (i + 1) * steps + (j + 1) % steps, (i + 1) * steps + j)
        for i in range(len(profile) - 1)
        for j in range(steps)
    ]
    made = mesh(points, faces, material, smooth=True)
    made.location = at
    return made


def rod(start: Point, end: Point, radius: float, material: Material) -> Any:
    """A round bar between two points."""
    first, last = np.array(start, float), np.array(end, float)
    made = turned([(radius, 0), (radius, float(np.linalg.norm(last - first)))], material, start, 16)
    made.rotation_mode = "QUATERNION"
    import mathutils

    made.rotation_quaternion = mathutils.Vector(last - first).to_track_quat("Z", "Y")
    return made


def ball(at: Point, radius: float, material: Material) -> Any:
    around = [(radius * math.sin(a), -radius * math.cos(a)) for a in np.linspace(0.01, math.pi - 0.01, 20)]
    return turned(around, material, at, 32)


def curtain(x: tuple[float, float], y: float, z: tuple[float, float], material: Material, folds: float,
            deep: float = 0.05, seed: int = 0) -> Any:  # fmt: skip
    """Cloth that hangs in folds across x."""
    rng = np.random.default_rng(seed)
    across = np.linspace(0, 1, int(folds * 14))
    wave = np.sin(2 * np.pi * (folds * across + 0.5 * np.sin(5 * across + rng.uniform(0, 6))))
    points, rows = [], 12
    for k in range(rows):
        down = k / (rows - 1)
        shape = deep * (0.75 + 0.35 * down) * wave * (1 + 0.2 * np.sin(3 * across + 2 * down))
        points += [
            (x[0] + (x[1] - x[0]) * t, y + d, z[1] + (z[0] - z[1]) * down)
            for t, d in zip(across, shape, strict=True)
        ]
    n = len(across)
    faces = [
        (k * n + i, k * n + i + 1, (k + 1) * n + i + 1, (k + 1) * n + i)
        for k in range(rows - 1)
        for i in range(n - 1)
    ]
    return mesh(points, faces, material, smooth=True)


def leaf(material: Material, wide: float = 0.45, droop: float = 0.25, fold: float = 0.12) -> Any:
    """A leaf 1 long from its stalk at 0 along y, far below the floor: a pattern for again()."""
    along, across = np.linspace(0, 1, 11), np.linspace(-1, 1, 7)
    outline = np.sin(np.pi * along**0.8) ** 0.8 * wide / 2
    points = [
        (u * w, t, fold * abs(u) * w * 2 - droop * t * t + 0.012 * np.sin(24 * t) * abs(u))
        for t, w in zip(along, outline, strict=True)
        for u in across
    ]
    n = len(across)
    faces = [
        (k * n + i, k * n + i + 1, (k + 1) * n + i + 1, (k + 1) * n + i)
        for k in range(10)
        for i in range(n - 1)
    ]
    made = mesh(points, faces, material, smooth=True)
    made.location = (0, 0, -50)
    return made


def plant(at: Point, height: float, leaves: int, pattern: Any, size: float, stem: Material, seed: int,
          spread: float = 0.12, stems: int = 1, bare: float = 0.25) -> None:  # fmt: skip
    """A plant in a pot: stems that lean a little, with leaves around them, smaller at the top."""
    rng = np.random.default_rng(seed)
    for k in range(stems):
        lean = rng.normal(0, spread, 2) + (
            0 if stems == 1 else spread * np.array([np.cos(2.4 * k), np.sin(2.4 * k)])
        )
        tall = height * rng.uniform(0.75, 1.0)
        path = [
            (at[0] + lean[0] * t * t * tall, at[1] + lean[1] * t * t * tall, at[2] + tall * t)
            for t in np.linspace(0, 1, 7)
        ]
        for start, end in pairwise(path):
            rod(start, end, 0.006 + 0.004 * height, stem)
        for i in range(leaves):
            t = bare + (1 - bare) * (i + rng.uniform(0, 0.6)) / leaves
            place = [
                float(np.interp(t, np.linspace(0, 1, 7), [point[axis] for point in path]))
                for axis in range(3)
            ]
            up = 0.15 + 0.8 * t**2 + rng.normal(0.15, 0.25)
            again(pattern, tuple(place), (up, rng.normal(0, 0.25), 2.4 * i + rng.normal(0, 0.3)),  # type: ignore[arg-type]
                  size * rng.uniform(0.75, 1.1) * (1.1 - 0.45 * t))  # fmt: skip


def area(at: Point, aim: Point, size: tuple[float, float], power: float, colour: str) -> Any:
    """A rectangle that gives light, in watts, and cannot be seen."""
    import mathutils

    data = bpy.data.lights.new("area", "AREA")
    data.shape, data.size, data.size_y, data.energy = "RECTANGLE", size[0], size[1], power
    data.color = rgba(colour)[:3]
    made = bpy.data.objects.new("area", data)
    made.location = at
    made.rotation_euler = mathutils.Vector(np.array(aim) - np.array(at)).to_track_quat("-Z", "Y").to_euler()
    made.visible_camera = False
    bpy.context.collection.objects.link(made)
    return made


def bulb(at: Point, power: float, colour: str, radius: float = 0.03) -> Any:
    """A small round source of light, in watts."""
    data = bpy.data.lights.new("bulb", "POINT")
    data.energy, data.color, data.shadow_soft_size = power, rgba(colour)[:3], radius
    made = bpy.data.objects.new("bulb", data)
    made.location = at
    bpy.context.collection.objects.link(made)
    return made


def sun(turn: Point, strength: float, colour: str, angle: float = 0.6) -> Any:
    """Sunlight; angle in degrees softens its shadows."""
    data = bpy.data.lights.new("sun", "SUN")
    data.energy, data.color, data.angle = strength, rgba(colour)[:3], math.radians(angle)
    made = bpy.data.objects.new("sun", data)
    made.rotation_euler = turn
    bpy.context.collection.objects.link(made)
    return made


def camera(lens: float, at: Point = (0, 0, EYES), aim: Point = (0, 3, EYES)) -> None:
    """Where the picture is taken from; lens: focal length in mm of a 36 mm wide film."""
    import mathutils

    data = bpy.data.cameras.new("camera")
    data.lens = lens
    made = bpy.data.objects.new("camera", data)
    made.location = at
    made.rotation_euler = mathutils.Vector(np.array(aim) - np.array(at)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(made)
    bpy.context.scene.camera = made


def render(width: int, height: int, samples: int) -> Any:
    """The scene as the camera sees it: (height, width, 3) float32 RGB in linear light, everything sharp."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.use_adaptive_sampling = "CPU", samples, False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.sample_clamp_indirect = 8, 3, 4.0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.seed = 7
    image = scene.render.image_settings
    image.file_format, image.color_mode, image.color_depth = "OPEN_EXR", "RGB", "32"
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = (
        width,
        height,
        100,
    )
    with tempfile.TemporaryDirectory() as folder:
        scene.render.filepath = f"{folder}/room.exr"
        bpy.ops.render.render(write_still=True)
        loaded = bpy.data.images.load(scene.render.filepath)
        pixels = np.empty(width * height * 4, np.float32)
        loaded.pixels.foreach_get(pixels)
        bpy.data.images.remove(loaded)
    return pixels.reshape(height, width, 4)[::-1, :, :3].copy()


def develop(light: Any, exposure: float, look: str) -> Any:
    """Linear light (H, W, 3) float32 RGB as film and Blender's AgX show it: (H, W, 3) float32 RGB, 0 to 1, for a screen."""
    scene, (height, width) = bpy.context.scene, light.shape[:2]
    scene.view_settings.view_transform, scene.view_settings.look = "AgX", look
    scene.view_settings.exposure = exposure
    image = bpy.data.images.new("light", width, height, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    full = np.ones((height, width, 4), np.float32)
    full[..., :3] = light
    image.pixels.foreach_set(full[::-1].ravel())
    kept = scene.render.image_settings
    kept.file_format, kept.color_mode, kept.color_depth = "PNG", "RGB", "16"
    with tempfile.TemporaryDirectory() as folder:
        image.save_render(f"{folder}/room.png", scene=scene)
        shown = cv2.imread(f"{folder}/room.png", cv2.IMREAD_UNCHANGED)
    bpy.data.images.remove(image)
    return shown[..., ::-1].astype(np.float32) / 65535
