/**
 * Sounds and vibration, so that nobody has to look at the screen for the usual case.
 *
 * The tones are made, not loaded: they are there without a network.
 */
const TONES = {
    // Pairs of frequency (Hz) and duration (s)
    success: [
        [660, 0.09],
        [990, 0.14],
    ],
    warning: [
        [440, 0.16],
        [440, 0.16],
    ],
    danger: [[196, 0.45]],
};
const VIBRATIONS = {success: [80], warning: [80, 60, 80], danger: [350]};

let audio = null;

/**
 * @param {"success"|"warning"|"danger"} kind
 */
export function giveFeedback(kind) {
    navigator.vibrate?.(VIBRATIONS[kind]);
    try {
        audio ||= new AudioContext();
        let start = audio.currentTime;
        for (const [frequency, duration] of TONES[kind]) {
            const oscillator = audio.createOscillator();
            const volume = audio.createGain();
            oscillator.frequency.value = frequency;
            volume.gain.setValueAtTime(0.25, start);
            volume.gain.exponentialRampToValueAtTime(0.001, start + duration);
            oscillator.connect(volume).connect(audio.destination);
            oscillator.start(start);
            oscillator.stop(start + duration);
            start += duration + 0.04;
        }
    } catch {
        // A browser without sound: colour, icon, words and vibration remain.
    }
}
