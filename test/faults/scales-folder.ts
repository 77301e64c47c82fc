/** Variable that names the folder where an office writes what it weighs. */
export const SCALES_FOLDER = 'BRANCHLINE_TEST_SCALES_FOLDER';
