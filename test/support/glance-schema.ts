/** To the letter what `initialize_db` of glance/image_cache/drivers/sqlite.py executes. */
export const GLANCE_SCHEMA = `
                    CREATE TABLE IF NOT EXISTS cached_images (
                        image_id TEXT PRIMARY KEY,
                        last_accessed REAL DEFAULT 0.0,
                        last_modified REAL DEFAULT 0.0,
                        size INTEGER DEFAULT 0,
                        hits INTEGER DEFAULT 0,
                        checksum TEXT
                    );
                `;
