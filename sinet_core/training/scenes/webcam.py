"""Webcam simulation: random lens, light, focus, motion blur, noise, white balance and compression."""

import math
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray


def simulate_webcam(
    frame: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Make a frame (H, W, 3) uint8 BGR look like a webcam's. Its alpha (H, W) uint8 gets the same distortion and motion blur."""
    if rng.random() < 0.1:
        frame, alpha = distort_lens(frame, alpha, rng)
    if rng.random() < 0.25:
        frame = light_from_one_side(frame, rng)
    frame = change_exposure(frame, rng)
    if rng.random() < 0.06:
        frame = smooth_skin(frame, rng)
    if rng.random() < 0.12:
        frame, alpha = blur_motion(frame, alpha, rng)
    if rng.random() < 0.3:
        frame = defocus(frame, rng)
    if rng.random() < 0.4:
        frame = add_noise(frame, rng)
    if rng.random() < 0.4:
        frame = compress(frame, rng)
    return frame, alpha


def distort_lens(
    frame: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Barrel distortion of a wide-angle lens. The frame stays filled."""
    height, width = alpha.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x - (width - 1) / 2) / (width / 2), (y - (height - 1) / 2) / (width / 2)
    bend = np.float32(rng.uniform(0.05, 0.25))
    corner = np.float32(1 + (height / width) ** 2)
    inwards = (1 + bend * (x * x + y * y)) / (1 + bend * corner)
    at_x, at_y = x * inwards * (width / 2) + (width - 1) / 2, y * inwards * (width / 2) + (height - 1) / 2
    bent = [
        cv2.remap(picture, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for picture in (frame, alpha)
    ]
    return bent[0].astype(np.uint8, copy=False), bent[1].astype(np.uint8, copy=False)


def smooth_skin(frame: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Smooth skin as camera drivers do: small differences vanish, edges stay."""
    return cv2.bilateralFilter(frame, 5, rng.uniform(20, 60), 3).astype(np.uint8, copy=False)


def light_from_one_side(frame: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A window or another light at one side: brightness changes linearly across the frame."""
    height, width = frame.shape[:2]
    strength, angle = rng.uniform(0.1, 0.5), rng.uniform(0, 2 * np.pi)
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * np.float32(np.cos(angle))
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * np.float32(np.sin(angle))
    lit = frame * (1 + np.float32(strength) * (across + down))[..., None]
    return np.clip(lit, 0, 255).astype(np.uint8)


def change_exposure(frame: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Change brightness, contrast, gamma and white balance by one curve per channel, then saturation.

    One frame in ten is dim, one in sixteen overexposed, and one in ten in coloured light.
    """
    levels = np.arange(256, dtype=np.float32) / 255
    gamma = np.exp(rng.normal(0, 0.2))
    exposure = rng.choice([1.0, rng.uniform(0.2, 0.6), rng.uniform(1.3, 2.2)], p=[0.84, 0.1, 0.06])
    gain = np.exp(rng.normal(0, 0.15)) * exposure
    contrast, lift = rng.uniform(0.75, 1.25), rng.normal(0, 0.04)
    balance = np.exp(rng.normal(0, 0.25 if rng.random() < 0.1 else 0.08, 3))
    curves = [
        np.clip(((levels**gamma) * gain * white - 0.5) * contrast + 0.5 + lift, 0, 1) for white in balance
    ]
    table = (np.stack(curves, axis=-1)[None] * 255).astype(np.uint8)
    frame = cv2.LUT(frame, table).astype(np.uint8, copy=False)
    if rng.random() < 0.5:
        saturation = 0.0 if rng.random() < 0.08 else rng.uniform(0.4, 1.5)
        grey = cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        frame = cv2.addWeighted(frame, saturation, grey, 1 - saturation, 0).astype(np.uint8, copy=False)
    return frame


def blur_motion(
    frame: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Motion blur along a random line of 3 to 9 pixels."""
    length, angle = int(rng.integers(3, 10)) | 1, rng.uniform(0, np.pi)
    kernel = np.zeros((length, length), np.float32)
    middle = length // 2
    reach = np.array([np.cos(angle), np.sin(angle)]) * middle
    start, end = np.round(middle - reach).astype(int), np.round(middle + reach).astype(int)
    cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1.0)
    kernel /= kernel.sum()
    return cv2.filter2D(frame, -1, kernel).astype(np.uint8), cv2.filter2D(alpha, -1, kernel).astype(np.uint8)


def defocus(frame: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A soft lens, or a picture enlarged from a smaller one."""
    if rng.random() < 0.5:
        return cv2.GaussianBlur(frame, (0, 0), rng.uniform(0.4, 1.5)).astype(np.uint8, copy=False)
    height, width = frame.shape[:2]
    scale = rng.uniform(0.35, 0.9)
    small = cv2.resize(frame, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def add_noise(frame: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Sensor noise. In half of the cases it is coarser than a pixel, as after resizing in the camera."""
    height, width = frame.shape[:2]
    cell = 2 if rng.random() < 0.5 else 1
    shape = (height // cell, width // cell, 3 if rng.random() < 0.6 else 1)
    grain, strength = sample_noise(shape, rng), np.float32(rng.uniform(1, 11))
    noise = cv2.resize(grain * strength, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(frame + noise.reshape(height, width, -1), 0, 255).astype(np.uint8)


@cache
def noise_bank() -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal(1 << 21, dtype=np.float32)


def sample_noise(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Normal noise, float32, of mean 0 and deviation 1: a random part of stored noise, because drawing new noise is slow.

    Noise larger than half the stored noise, for frames larger than in training, is drawn each time.
    """
    count = math.prod(shape)
    if 2 * count > len(noise_bank()):
        return rng.standard_normal(shape, dtype=np.float32)
    start = int(rng.integers(len(noise_bank()) - count + 1))
    return noise_bank()[start : start + count].reshape(shape)


def compress(frame: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Compress as MJPG does, at a random quality from good to poor."""
    _, packed = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 96))])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
