/** The longer side of a photo that is sent: enough to see a bruise. */
const SIDE = 1600;

/**
 * Read a photo and make it small enough for a phone's network.
 *
 * @param {File} file what the camera or the album gave
 * @returns {Promise<string>} a JPEG as a data address
 */
export async function readPhoto(file) {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas.toDataURL("image/jpeg", 0.82);
}
