/* Exposure, colours and noise of a frame, in one pass. The curve is arithmetic in 16 bits, because processors look up tables
 * byte by byte. */
#include <string.h>

#include "native.h"

#define BLOCK 128 /* pixels that are processed together */
#define ONE (255 << 7) /* white */
#define AS_IT_IS 64 /* a saturation of 1 */

EXPORT void tone_bgr(const uint8_t *frame, ptrdiff_t frame_step, const uint8_t *alpha, ptrdiff_t alpha_step, const uint8_t *glow,
                     ptrdiff_t glow_step, uint8_t *steadied, ptrdiff_t steadied_step, uint8_t *to, ptrdiff_t to_step,
                     ptrdiff_t width, ptrdiff_t height, const uint16_t *gains, ptrdiff_t lift, ptrdiff_t contrast,
                     ptrdiff_t saturation, ptrdiff_t follow, ptrdiff_t noise);

INLINE uint16_t upper(uint16_t a, uint16_t b) { return (uint16_t)(((uint32_t)a * b) >> 16); }
INLINE int16_t upper_signed(int16_t a, int16_t b) { return (int16_t)(((int32_t)a * b) >> 16); }

/* x (1 - x), in units of 1/130048. */
INLINE int16_t bulge(uint16_t x) { return (int16_t)(upper((uint16_t)(2 * x), (uint16_t)(ONE - x)) << 2); }

INLINE uint16_t lifted(uint16_t x, int16_t lift) { return (uint16_t)(x + upper_signed(bulge(x), lift)); }

INLINE uint8_t rounded(uint16_t x) { return (uint8_t)((uint16_t)(x + 64) >> 7); }

INLINE uint16_t exposed(uint8_t value, uint16_t gain, int16_t lift)
{
    uint16_t x = upper((uint16_t)(value << 8), gain);
    x = x < ONE ? x : ONE;
    return lifted(lifted(x, lift), lift);
}

INLINE uint16_t contrasted(uint16_t x, int16_t contrast)
{
    int16_t turn = (int16_t)(4 * upper_signed(bulge(x), (int16_t)(2 * x - ONE)));
    return (uint16_t)(x + upper_signed(turn, contrast));
}

INLINE uint8_t followed(uint8_t before, uint8_t now, uint16_t follow, uint16_t noise)
{
    uint16_t up = now > before ? now - before : 0, down = before > now ? before - now : 0;
    uint16_t change = up | down, beyond = change > noise ? change - noise : 0;
    uint16_t step = (uint16_t)((uint16_t)((uint16_t)(change * follow) + 255) >> 8);
    step = (uint16_t)(step + 2 * beyond);
    return (uint8_t)(before + (up < step ? up : step) - (down < step ? down : step));
}

INLINE uint8_t coloured(uint8_t value, uint8_t grey, int16_t saturation)
{
    int16_t colour = (int16_t)((int16_t)(value - grey) * saturation);
    int16_t made = (int16_t)(grey + ((int16_t)(colour + 32) >> 6));
    return (uint8_t)(made < 0 ? 0 : made > 255 ? 255 : made);
}

INLINE void saturate(uint8_t *restrict pixels, int count, int16_t saturation)
{
    uint8_t blue[BLOCK], green[BLOCK], red[BLOCK];
    for (int i = 0; i < count; i++) {
        blue[i] = pixels[3 * i];
        green[i] = pixels[3 * i + 1];
        red[i] = pixels[3 * i + 2];
    }
    for (int i = 0; i < count; i++) {
        uint8_t grey = (uint8_t)((uint16_t)(29 * blue[i] + 150 * green[i] + 77 * red[i] + 128) >> 8);
        blue[i] = coloured(blue[i], grey, saturation);
        green[i] = coloured(green[i], grey, saturation);
        red[i] = coloured(red[i], grey, saturation);
    }
    for (int i = 0; i < count; i++) {
        pixels[3 * i] = blue[i];
        pixels[3 * i + 1] = green[i];
        pixels[3 * i + 2] = red[i];
    }
}

INLINE void steady(uint8_t *restrict kept, const uint8_t *restrict from, int count, uint16_t follow, uint16_t noise)
{
    for (int i = 0; i < count; i++)
        kept[i] = followed(kept[i], from[i], follow, noise);
}

INLINE void expose(const uint8_t *restrict from, uint8_t *restrict out, int count, const uint16_t *restrict gain, int16_t lift,
                   int16_t contrast)
{
    if (contrast == 0)
        for (int i = 0; i < count; i++)
            out[i] = rounded(exposed(from[i], gain[i], lift));
    else
        for (int i = 0; i < count; i++)
            out[i] = rounded(contrasted(exposed(from[i], gain[i], lift), contrast));
}

INLINE void light_up(uint8_t *restrict out, const uint8_t *restrict glow, int count)
{
    uint8_t each[6 * (BLOCK / 2)];
    for (int i = 0; i < (count + 1) / 2; i++)
        each[6 * i] = each[6 * i + 1] = each[6 * i + 2] = each[6 * i + 3] = each[6 * i + 4] = each[6 * i + 5] = glow[i];
    for (int i = 0; i < 3 * count; i++)
        out[i] = rounded(lifted((uint16_t)(out[i] << 7), (int16_t)(each[i] << 6)));
}

INLINE int somebody(const uint8_t *restrict alpha, int count)
{
    uint8_t any = 0;
    for (int i = 0; i < count; i++)
        any |= alpha[i];
    return any != 0;
}

/* frame, to: (height, width, 3) uint8 BGR. alpha: (height, width) uint8, or NULL: where nobody is, the frame is copied as it is.
 * glow: half as high and wide, rounded up, uint8, a lift in units of 1/256; or NULL. steadied: like frame, the last steadied
 * frame, which this one is mixed into; or NULL. gains, lift, contrast, saturation: as in toning.py, gains for blue, green and
 * red. follow: of 256, how far a steadied value moves to a new one; noise: the change from which on it moves faster. */
CLONES void tone_bgr(const uint8_t *frame, ptrdiff_t frame_step, const uint8_t *alpha, ptrdiff_t alpha_step, const uint8_t *glow,
                     ptrdiff_t glow_step, uint8_t *steadied, ptrdiff_t steadied_step, uint8_t *to, ptrdiff_t to_step,
                     ptrdiff_t width, ptrdiff_t height, const uint16_t *gains, ptrdiff_t lift, ptrdiff_t contrast,
                     ptrdiff_t saturation, ptrdiff_t follow, ptrdiff_t noise)
{
    uint16_t gain[3 * BLOCK];
    for (int i = 0; i < 3 * BLOCK; i++)
        gain[i] = gains[i % 3];
    for (ptrdiff_t y = 0; y < height; y++)
        for (ptrdiff_t x = 0; x < width; x += BLOCK) {
            int count = (int)least(BLOCK, width - x);
            const uint8_t *from = frame + y * frame_step + 3 * x;
            uint8_t *out = to + y * to_step + 3 * x;
            if (alpha && !somebody(alpha + y * alpha_step + x, count)) {
                memcpy(out, from, (size_t)(3 * count));
                continue;
            }
            if (steadied) {
                uint8_t *kept = steadied + y * steadied_step + 3 * x;
                steady(kept, from, 3 * count, (uint16_t)follow, (uint16_t)noise);
                from = kept;
            }
            expose(from, out, 3 * count, gain, (int16_t)lift, (int16_t)contrast);
            if (saturation != AS_IT_IS)
                saturate(out, count, (int16_t)saturation);
            if (glow)
                light_up(out, glow + y / 2 * glow_step + x / 2, count);
        }
}
