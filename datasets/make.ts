import { makeDigits } from './make-digits.js';
import { makeWeather } from './make-weather.js';

await makeWeather('datasets/seattle-weather');
await makeDigits('datasets/digits');
